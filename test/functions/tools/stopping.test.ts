/** Stopping, pausing, resuming and deleting, with what the scanner itself was asked to do. */
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { scanner, openHouse, type House } from './support/house.ts'
import { personAt } from './support/person.ts'

const NONE = 'ns_quick_20200101_000000_00000000'

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

async function gone(taskId: string): Promise<void> {
  while ((await house.call('get_scan_status', { task_id: taskId, wait_seconds: 20 })).status !== 404);
}

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

describe('delete_scan', () => {
  test('removes an ended scan everywhere: record, lists, files, scanner', async () => {
    const taskId = await house.start()
    const { nessus_scan_id: id } = await house.ended(taskId)
    expect(existsSync(join(house.dataDir, taskId, 'scan_native.nessus'))).toBe(true)
    expect(await house.result('delete_scan', { task_id: taskId })).toMatchObject({ task_id: taskId, deleted: true })
    await expect.poll(() => existsSync(join(house.dataDir, taskId)), { timeout: 10_000 }).toBe(false)
    for (const tool of [
      'get_scan_status',
      'get_scan_results',
      'get_scan_settings',
      'download_native_scan',
      'summarize_scan',
      'stop_scan',
      'delete_scan',
    ]) {
      expect(await house.refusal(tool, { task_id: taskId })).toMatchObject({ http: 404, code: 'not_found' })
    }
    const { tasks } = (await house.result('list_tasks', {})) as { tasks: { task_id: string }[] }
    expect(tasks.map(({ task_id: each }) => each)).not.toContain(taskId)
    await expect.poll(() => personAt(house.quick).has(Number(id)), { timeout: 10_000 }).toBe(false)
  })

  test('refuses a running scan, and changes nothing about it', async () => {
    const taskId = await running()
    const refused = await house.refusal('delete_scan', { task_id: taskId })
    expect(refused).toMatchObject({ http: 409, code: 'conflict' })
    expect(refused.message).toMatch(/is running.*force: true/)
    expect(asked(taskId)).toMatchObject({ stops: 0, deletes: 0 })
    await house.result('delete_scan', { task_id: taskId, force: true })
    await gone(taskId)
  })

  test('with force stops it at the scanner first, then removes it there too', async () => {
    const taskId = await running()
    expect(await house.result('delete_scan', { task_id: taskId, force: true })).toMatchObject({ deleted: false })
    await gone(taskId)
    await expect
      .poll(() => asked(taskId), { timeout: 10_000 })
      .toMatchObject({ stops: 1, deletes: 1, status: 'deleted' })
    // Files and scanner are seen to side by side.
    await expect.poll(() => existsSync(join(house.dataDir, taskId)), { timeout: 10_000 }).toBe(false)
  })

  test('a waiting scan needs no force', async () => {
    const { first, second } = await waiting()
    expect(await house.result('delete_scan', { task_id: second })).toMatchObject({ deleted: true })
    await house.result('delete_scan', { task_id: first, force: true })
    await gone(first)
    expect(asked(second)).toBeUndefined()
  })
})

test.each(['stop_scan', 'pause_scan', 'resume_scan', 'delete_scan'])(
  '%s refuses ids that are none, and unknown ones',
  async (tool) => {
    const malformed = await house.refusal(tool, { task_id: '../../etc/passwd' })
    expect(malformed).toMatchObject({ http: 400, arguments: ['task_id'] })
    expect(malformed.message).toMatch(/task_id: expected a task id.*got .*\.\.\/etc/)
    expect(await house.refusal(tool, {})).toMatchObject({ http: 400, arguments: ['task_id'] })
    const unknown = await house.refusal(tool, { task_id: NONE })
    expect(unknown).toMatchObject({ http: 404, code: 'not_found', task_id: NONE })
    expect(unknown.message).toContain('See list_tasks')
  },
)
