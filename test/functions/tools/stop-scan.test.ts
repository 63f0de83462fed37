/** stop_scan, through the whole system. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { scanner, openHouse, type House } from '../../support/house.ts'

let house: House

beforeAll(async () => {
  house = await openHouse({
    config: ({ quick, slow }) => ({
      nessus: [scanner('quick')(quick)],
      slow: [scanner('slow', { max_concurrent_scans: 20 })(slow)],
      narrow: [scanner('narrow', { max_concurrent_scans: 1 })(slow)],
    }),
  })
})

afterAll(() => house?.close())

async function running(): Promise<string> {
  const taskId = await house.start({ scanner_pool: 'slow' })
  await house.until(taskId, ({ scanner_status: status }) => status === 'running')
  return taskId
}

/** Two scans for a scanner with one slot: the first runs, the second waits. */
async function waiting(): Promise<{ first: string; second: string }> {
  const [first, second] = [await house.start({ scanner_pool: 'narrow' }), await house.start({ scanner_pool: 'narrow' })]
  await house.until(first, ({ step }) => step === 'scanning')
  return { first, second }
}

const asked = (taskId: string) => house.slow.control.counts().scans.find(({ key }) => key.includes(taskId))

describe('stop_scan', () => {
  test('stops a running scan at its scanner once, and keeps what it had found', async () => {
    const taskId = await running()
    expect(await house.result('stop_scan', { task_id: taskId })).toMatchObject({ status: 'running', stopping: true })
    await house.result('stop_scan', { task_id: taskId })
    const status = await house.ended(taskId)
    expect(status).toMatchObject({ status: 'canceled', stopping: expect.stringContaining('stop_scan') as string })
    expect(asked(taskId)).toMatchObject({ launches: 1, stops: 1, status: 'canceled' })
    expect(status['results_available']).toBe(true)
    expect(await house.result('get_scan_results', { task_id: taskId })).toMatchObject({
      text: expect.stringContaining('"type":"scan_metadata"') as string,
    })
  })

  test('takes a waiting scan out of the queue, and never creates it', async () => {
    const { first, second } = await waiting()
    expect(await house.result('stop_scan', { task_id: second })).toMatchObject({ status: 'canceled', stopping: false })
    expect(await house.ended(second)).toMatchObject({ status: 'canceled', results_available: false })
    await house.result('stop_scan', { task_id: first })
    await house.ended(first)
    expect(asked(second)).toBeUndefined()
    const refused = await house.refusal('get_scan_results', { task_id: second })
    expect(refused).toMatchObject({ http: 409, code: 'not_ready' })
    expect(refused.message).toMatch(/ended as canceled without a report/)
  })

  test('says of an ended scan that there is nothing to stop', async () => {
    const taskId = await house.start()
    await house.ended(taskId)
    const answer = await house.result('stop_scan', { task_id: taskId })
    expect(answer).toMatchObject({ status: 'completed', stopping: false })
    expect(answer['next']).toMatch(/ended as completed; there is nothing to stop/)
  })
})
