/** The tools, asked as a gateway asks them: what they answer, and how they refuse. */
import { expect, test } from 'vitest'
import { runDelivery } from '../../lib/runtime/run-delivery.ts'
import { makeWorld } from '../support/world.ts'

const ask = { targets: '192.0.2.10, 192.0.2.11', name: 'Weekly' }

test('a call whose worker died is answered, and not run again', async () => {
  const world = makeWorld()
  const other = world.server.bus('other')
  await world.bus.pull(new Map([['run_untrusted_scan', 0]]))
  await world.emit('tool.run_untrusted_scan', { arguments: ask })
  await other.pull(new Map([['run_untrusted_scan', 1]]))
  world.clock.ms += 31_000
  const [delivery] = await world.bus.claim(new Map([['run_untrusted_scan', 1]]), true)
  expect(await runDelivery(delivery!, world.runner(world.bus))).toBe('refused')
  expect((await world.services.scans.list({ limit: 5 })).total).toBe(0)
})
