/** Goal: what is kept beside a scan lives as long as its scan needs it, and not longer. */
import { expect, test } from 'vitest'
import { idempotencyWrites } from '../../lib/scan-work/start/idempotency.ts'
import { queuedScan } from '../support/scan-record.ts'
import { makeWorld, START_MS } from '../support/world.ts'

const HOUR_MS = 3_600_000

test('sealed credentials outlive the hour of their call while the scan waits, and go with its end', async () => {
  const world = makeWorld()
  const { keyspace, scanKeys } = world.services
  const call = { targets: '192.0.2.10', name: 'x', username: 'audit', password: 'canary' }
  const reply = await world.call('run_trusted_scan', call)
  const taskId = String((reply as { result: Record<string, unknown> }).result['task_id'])
  const { credentials } = await world.scan(taskId)
  const key = scanKeys.vault(credentials!.ref)
  expect(await keyspace.get(key)).toBeDefined()
  // Nobody has admitted it: its scanner was away for a long time.
  world.clock.ms += 30 * HOUR_MS
  expect(await keyspace.get(key)).toBeDefined()
  await world.pass(120_000)
  expect(await world.scan(taskId)).toMatchObject({ status: 'completed' })
  expect(world.scanner().marked(taskId)[0]!.asked.credentials).toMatchObject({ password: 'canary' })
  expect(await keyspace.get(key)).toBeUndefined()
})

test('what a call sealed that started nothing is gone within the hour or at once', async () => {
  const world = makeWorld()
  await world.call('run_trusted_scan', { targets: 'no target!', name: 'x', username: 'a', password: 'canary' })
  const vaults = [...world.server.keyspace.data.keys()].filter((key) => key.includes(':vault:'))
  expect(vaults).toEqual([])
})

test.each([
  [0, 48 * HOUR_MS],
  [1, 47 * HOUR_MS],
  [47.5, HOUR_MS / 2],
  [48, undefined],
  [100, undefined],
])('a rebuilt idempotency key of a scan begun %f hours ago lives for the rest of its 48', (hours, leftMs) => {
  const scan = queuedScan({ idempotency: { key: 'digest', request: 'hash' } })
  const now = new Date(START_MS + hours * HOUR_MS)
  const writes = idempotencyWrites(scan, makeWorld().services.scanKeys, now)
  expect(writes.map((write) => write.at(-1))).toEqual(leftMs === undefined ? [] : [String(leftMs)])
})
