/** stop_scan, through the whole system. */
import { describe, expect, test } from 'vitest'
import { useSteeredHouse } from '../support/steered-house.ts'

const steered = useSteeredHouse()

describe('stop_scan', () => {
  test('stops a running scan at its scanner once, and keeps what it had found', async () => {
    const taskId = await steered.running()
    expect(await steered.house.result('stop_scan', { task_id: taskId })).toMatchObject({
      status: 'running',
      stopping: true,
    })
    await steered.house.result('stop_scan', { task_id: taskId })
    const status = await steered.house.ended(taskId)
    expect(status).toMatchObject({ status: 'canceled', stopping: expect.stringContaining('stop_scan') as string })
    expect(steered.asked(taskId)).toMatchObject({ launches: 1, stops: 1, status: 'canceled' })
    expect(status['results_available']).toBe(true)
    expect(await steered.house.result('get_scan_results', { task_id: taskId })).toMatchObject({
      text: expect.stringContaining('"type":"scan_metadata"') as string,
    })
  })

  test('takes a waiting scan out of the queue, and never creates it', async () => {
    const { first, second } = await steered.waiting()
    expect(await steered.house.result('stop_scan', { task_id: second })).toMatchObject({
      status: 'canceled',
      stopping: false,
    })
    expect(await steered.house.ended(second)).toMatchObject({ status: 'canceled', results_available: false })
    await steered.house.result('stop_scan', { task_id: first })
    await steered.house.ended(first)
    expect(steered.asked(second)).toBeUndefined()
    const refused = await steered.house.refusal('get_scan_results', { task_id: second })
    expect(refused).toMatchObject({ http: 409, code: 'not_ready' })
    expect(refused.message).toMatch(/ended as canceled without a report/)
  })

  test('says of an ended scan that there is nothing to stop', async () => {
    const taskId = await steered.house.start()
    await steered.house.ended(taskId)
    const answer = await steered.house.result('stop_scan', { task_id: taskId })
    expect(answer).toMatchObject({ status: 'completed', stopping: false })
    expect(answer['next']).toMatch(/ended as completed; there is nothing to stop/)
  })
})
