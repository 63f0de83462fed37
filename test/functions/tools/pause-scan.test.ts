/** pause_scan and resume_scan, through the whole system. */
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

describe('pause_scan and resume_scan', () => {
  test('pause and go on at the scanner', async () => {
    const taskId = await running()
    await house.result('pause_scan', { task_id: taskId })
    await house.until(taskId, ({ scanner_status: status }) => status === 'paused')
    await house.result('resume_scan', { task_id: taskId })
    await house.until(taskId, ({ scanner_status: status }) => status === 'running')
    expect(asked(taskId)).toMatchObject({ pauses: 1, resumes: 1 })
    await house.result('stop_scan', { task_id: taskId })
    expect(await house.ended(taskId)).toMatchObject({ status: 'canceled' })
  })

  test('stops a paused scan', async () => {
    const taskId = await running()
    await house.result('pause_scan', { task_id: taskId })
    await house.until(taskId, ({ scanner_status: status }) => status === 'paused')
    await house.result('stop_scan', { task_id: taskId })
    expect(await house.ended(taskId)).toMatchObject({ status: 'canceled' })
  })

  test('a scan that is pending at its scanner is a conflict, which says what can be paused', async () => {
    const taskId = await house.start({ scanner_pool: 'slow' })
    await house.until(taskId, ({ scanner_status: status }) => status === 'pending')
    const refused = await house.refusal('pause_scan', { task_id: taskId })
    expect(refused).toMatchObject({ http: 409, code: 'conflict' })
    expect(refused.message).toMatch(/pending at its scanner; only one that runs there can be paused/)
    await house.result('stop_scan', { task_id: taskId })
    await house.ended(taskId)
  })

  test.each(['pause_scan', 'resume_scan'])('%s refuses a scan that waits, and one that has ended', async (tool) => {
    const { first, second } = await waiting()
    expect(await house.refusal(tool, { task_id: second })).toMatchObject({ http: 409 })
    for (const taskId of [second, first]) await house.result('stop_scan', { task_id: taskId })
    await house.ended(first)
    const refused = await house.refusal(tool, { task_id: first })
    expect(refused.http).toBe(409)
    expect(refused.message).toMatch(/canceled/)
  })
})
