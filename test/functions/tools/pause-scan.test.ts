/** pause_scan and resume_scan, through the whole system. */
import { describe, expect, test } from 'vitest'
import { useSteeredHouse } from '../support/steered-house.ts'

const steered = useSteeredHouse()

describe('pause_scan and resume_scan', () => {
  test('pause and go on at the scanner', async () => {
    const taskId = await steered.running()
    await steered.house.result('pause_scan', { task_id: taskId })
    await steered.house.until(taskId, ({ scanner_status: status }) => status === 'paused')
    await steered.house.result('resume_scan', { task_id: taskId })
    await steered.house.until(taskId, ({ scanner_status: status }) => status === 'running')
    expect(steered.asked(taskId)).toMatchObject({ pauses: 1, resumes: 1 })
    await steered.house.result('stop_scan', { task_id: taskId })
    expect(await steered.house.ended(taskId)).toMatchObject({ status: 'canceled' })
  })

  test('stops a paused scan', async () => {
    const taskId = await steered.running()
    await steered.house.result('pause_scan', { task_id: taskId })
    await steered.house.until(taskId, ({ scanner_status: status }) => status === 'paused')
    await steered.house.result('stop_scan', { task_id: taskId })
    expect(await steered.house.ended(taskId)).toMatchObject({ status: 'canceled' })
  })

  test('a scan that is pending at its scanner is a conflict, which says what can be paused', async () => {
    const taskId = await steered.house.start({ scanner_pool: 'slow' })
    await steered.house.until(taskId, ({ scanner_status: status }) => status === 'pending')
    const refused = await steered.house.refusal('pause_scan', { task_id: taskId })
    expect(refused).toMatchObject({ http: 409, code: 'conflict' })
    expect(refused.message).toMatch(/pending at its scanner; only one that runs there can be paused/)
    await steered.house.result('stop_scan', { task_id: taskId })
    await steered.house.ended(taskId)
  })

  test.each(['pause_scan', 'resume_scan'])('%s refuses a scan that waits, and one that has ended', async (tool) => {
    const { first, second } = await steered.waiting()
    expect(await steered.house.refusal(tool, { task_id: second })).toMatchObject({ http: 409 })
    for (const taskId of [second, first]) await steered.house.result('stop_scan', { task_id: taskId })
    await steered.house.ended(first)
    const refused = await steered.house.refusal(tool, { task_id: first })
    expect(refused.http).toBe(409)
    expect(refused.message).toMatch(/canceled/)
  })
})
