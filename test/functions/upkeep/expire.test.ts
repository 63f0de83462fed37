/** How long things are kept: expiry from the last look, per outcome; at the scanner only what we created goes. */
import { COUNTS } from '../../../lib/bus/keys.ts'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { openHouse, type House } from '../../support/house.ts'
import { personAt } from '../../support/person.ts'

const DAY_MS = 86_400_000

let house: House
beforeAll(async () => {
  house = await openHouse({
    env: { COMPLETED_TTL_DAYS: '7', FAILED_TTL_DAYS: '30', NESSUS_SCAN_RETENTION_HOURS: '0.0001' },
  })
})
afterAll(() => house?.close())

/** Makes a scan look as if it had ended, and last been looked at, so many days ago. */
async function age(taskId: string, days: number): Promise<void> {
  const { connection, keys } = house.bus
  const at = Date.now() - days * DAY_MS
  const record = keys.record(taskId)
  for (let done: unknown = 0; done !== 1;) {
    const { rev = '', body = '' } = await house.bus.keyspace.hash(record)
    const older = JSON.stringify({ ...(JSON.parse(body) as object), ended_at: new Date(at).toISOString() })
    // Its clean-up may change it at any moment: only what was read is written over.
    const script =
      "if redis.call('HGET',KEYS[1],'rev')==ARGV[1] then redis.call('HSET',KEYS[1],'body',ARGV[2]) return 1 end return 0"
    done = await connection.call((client) => client.eval(script, { keys: [record], arguments: [rev, older] }))
  }
  await connection.call((client) => client.zAdd(`${keys.prefix}:scans:accessed`, { score: at, value: taskId }))
}

async function finished(args: object = {}): Promise<{ taskId: string; id: number }> {
  const taskId = await house.start(args)
  const { nessus_scan_id: id } = await house.ended(taskId)
  return { taskId, id: Number(id) }
}

/** Looks without being seen: a status call would put off the expiry. */
const known = async (taskId: string) =>
  (await house.bus.keyspace.hash(house.bus.keys.record(taskId)))['id'] !== undefined

describe('expire', () => {
  test('removes completed scans after their time, failed ones after theirs, with their files', async () => {
    const old = await finished()
    const young = await finished()
    const failed = await finished({ template: 'no-such' })
    const failedLong = await finished({ template: 'no-such' })
    await age(old.taskId, 8)
    await age(young.taskId, 6)
    await age(failed.taskId, 8)
    await age(failedLong.taskId, 31)
    await house.post('expire.due')
    await expect.poll(() => known(old.taskId)).toBe(false)
    await expect.poll(() => known(failedLong.taskId)).toBe(false)
    // Its files go after the record, by an event of their own.
    await expect.poll(() => existsSync(join(house.dataDir, old.taskId))).toBe(false)
    expect([await known(young.taskId), await known(failed.taskId)]).toEqual([true, true])
    expect(await house.bus.keyspace.hash(house.bus.keys.counts)).toMatchObject({ [COUNTS.ageDeletions]: '2' })
  })

  test.each([
    ['get_scan_status', {}],
    ['get_scan_results', {}],
    ['get_scan_settings', {}],
    ['download_native_scan', {}],
    ['summarize_scan', {}],
  ])('%s puts it off', async (tool, args) => {
    const seen = await finished()
    const unseen = await finished()
    await age(seen.taskId, 8)
    await age(unseen.taskId, 8)
    await house.result(tool, { task_id: seen.taskId, ...args })
    await house.post('expire.due')
    await expect.poll(() => known(unseen.taskId)).toBe(false)
    expect(await known(seen.taskId)).toBe(true)
  })

  test('never removes a scan that runs', async () => {
    const taskId = await house.start({ scanner_pool: 'slow' })
    await house.until(taskId, ({ step }) => step === 'scanning')
    const other = await finished()
    const { connection, keys } = house.bus
    const at = Date.now() - 99 * DAY_MS
    await connection.call((client) => client.zAdd(`${keys.prefix}:scans:accessed`, { score: at, value: taskId }))
    await age(other.taskId, 99)
    await house.post('expire.due')
    await expect.poll(() => known(other.taskId)).toBe(false)
    expect(await known(taskId)).toBe(true)
    await house.result('delete_scan', { task_id: taskId, force: true })
  })
})

test('at the scanner our scans go after the retention time, and those of people stay', async () => {
  const person = personAt(house.quick)
  const theirs = await person.makeScan({ name: 'made by hand', launch: true })
  const adopted = await house.result('adopt_scan', { scanner_instance: 'quick', scanner_scan_id: theirs })
  await house.ended(String(adopted['task_id']))
  const { taskId, id } = await finished()
  await expect.poll(() => person.has(id), { timeout: 10_000 }).toBe(false)
  expect(await house.result('get_scan_results', { task_id: taskId })).toHaveProperty('text')
  await age(String(adopted['task_id']), 99)
  await house.post('expire.due')
  await expect.poll(() => known(String(adopted['task_id']))).toBe(false)
  expect(await person.has(theirs)).toBe(true)
})
