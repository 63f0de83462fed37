/** Credentials that were sealed for a call outlive the gateway's hour while the scan waits, and not the call that started none. */
import { expect, test } from 'vitest'
import { makeWorld } from '../../support/world.ts'

const HOURS_MS = 3 * 3_600_000
const args = { targets: '192.0.2.1', name: 'n', username: 'u', password: 'hunter2' }

test('a scan that waits for hours still has its credentials when it is created', async () => {
  const world = makeWorld()
  const answer = (await world.call('run_trusted_scan', args)) as unknown as { result: { task_id: string } }
  world.clock.ms += HOURS_MS
  for (const name of ['admit', 'create']) await world.deliver(name)
  const scan = await world.scan(answer.result.task_id)
  expect(scan.failure).toBeUndefined()
  expect(scan.scanner_scan_id).toBeDefined()
})

test('what was sealed for a call that nobody took is gone after an hour', async () => {
  const world = makeWorld()
  world.server.keyspace.apply(['SET', 'test:vault', 'sealed', 'PX', '3600000'])
  world.clock.ms += HOURS_MS
  expect(await world.services.keyspace.get('test:vault')).toBeUndefined()
})
