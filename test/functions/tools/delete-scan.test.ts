/** delete_scan, through the whole system; and an unknown scan, which is the same to all that change one. */
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { useSteeredHouse } from '../support/steered-house.ts'
import { personAt } from '../../support/person.ts'

const NONE = 'ns_quick_20200101_000000_00000000'

const steered = useSteeredHouse()

async function gone(taskId: string): Promise<void> {
  while ((await steered.house.call('get_scan_status', { task_id: taskId, wait_seconds: 20 })).status !== 404);
}

describe('delete_scan', () => {
  test('removes an ended scan everywhere: record, lists, files, scanner', async () => {
    const taskId = await steered.house.start()
    const { nessus_scan_id: id } = await steered.house.ended(taskId)
    expect(existsSync(join(steered.house.dataDir, taskId, 'scan_native.nessus'))).toBe(true)
    expect(await steered.house.result('delete_scan', { task_id: taskId })).toMatchObject({
      task_id: taskId,
      deleted: true,
    })
    await expect.poll(() => existsSync(join(steered.house.dataDir, taskId)), { timeout: 10_000 }).toBe(false)
    for (const tool of [
      'get_scan_status',
      'get_scan_results',
      'get_scan_settings',
      'download_native_scan',
      'summarize_scan',
      'stop_scan',
      'delete_scan',
    ]) {
      expect(await steered.house.refusal(tool, { task_id: taskId })).toMatchObject({ http: 404, code: 'not_found' })
    }
    const { tasks } = (await steered.house.result('list_tasks', {})) as { tasks: { task_id: string }[] }
    expect(tasks.map(({ task_id: each }) => each)).not.toContain(taskId)
    await expect.poll(() => personAt(steered.house.quick).has(Number(id)), { timeout: 10_000 }).toBe(false)
  })

  test('refuses a running scan, and changes nothing about it', async () => {
    const taskId = await steered.running()
    const refused = await steered.house.refusal('delete_scan', { task_id: taskId })
    expect(refused).toMatchObject({ http: 409, code: 'conflict' })
    expect(refused.message).toMatch(/is running.*force: true/)
    expect(steered.asked(taskId)).toMatchObject({ stops: 0, deletes: 0 })
    await steered.house.result('delete_scan', { task_id: taskId, force: true })
    await gone(taskId)
  })

  test('with force stops it at the scanner first, then removes it there too', async () => {
    const taskId = await steered.running()
    expect(await steered.house.result('delete_scan', { task_id: taskId, force: true })).toMatchObject({
      deleted: false,
    })
    await gone(taskId)
    await expect
      .poll(() => steered.asked(taskId), { timeout: 10_000 })
      .toMatchObject({ stops: 1, deletes: 1, status: 'deleted' })
    // Files and scanner are seen to side by side.
    await expect.poll(() => existsSync(join(steered.house.dataDir, taskId)), { timeout: 10_000 }).toBe(false)
  })

  test('a waiting scan needs no force', async () => {
    const { first, second } = await steered.waiting()
    expect(await steered.house.result('delete_scan', { task_id: second })).toMatchObject({ deleted: true })
    await steered.house.result('delete_scan', { task_id: first, force: true })
    await gone(first)
    expect(steered.asked(second)).toBeUndefined()
  })
})

test.each(['stop_scan', 'pause_scan', 'resume_scan', 'delete_scan'])(
  '%s refuses ids that are none, and unknown ones',
  async (tool) => {
    const malformed = await steered.house.refusal(tool, { task_id: '../../etc/passwd' })
    expect(malformed).toMatchObject({ http: 400, arguments: ['task_id'] })
    expect(malformed.message).toMatch(/task_id: expected a task id.*got .*\.\.\/etc/)
    expect(await steered.house.refusal(tool, {})).toMatchObject({ http: 400, arguments: ['task_id'] })
    const unknown = await steered.house.refusal(tool, { task_id: NONE })
    expect(unknown).toMatchObject({ http: 404, code: 'not_found', task_id: NONE })
    expect(unknown.message).toContain('See list_tasks')
  },
)
