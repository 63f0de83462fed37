/** What a function did outside is taken back whenever what it decided does not come to pass. */
import * as v from 'valibot'
import { expect, test } from 'vitest'
import { Refusal } from '../../lib/base/errors.ts'
import type { Bus } from '../../lib/bus/bus.ts'
import { upkeepFunction } from '../../lib/runtime/function.ts'
import { runDelivery } from '../../lib/runtime/run-delivery.ts'
import { makeWorld } from '../support/world.ts'

test.each([
  ['overtaken', 'stale'],
  ['its lease has lapsed', 'fenced'],
  ['there is no memory for it', new Refusal('unavailable', 'Redis is out of memory')],
] as const)('when %s', async (_case, first) => {
  const world = makeWorld()
  let [settles, undone] = [0, 0]
  const sweep = upkeepFunction({
    name: 'sweep',
    consumes: ['sweep.due'],
    input: v.object({}),
    emits: {},
    run: async () => ({ undo: async () => void (undone += 1) }),
  })
  const settle: Bus['settle'] = async (delivery, settlement) => {
    settles += 1
    if (settles > 1) return world.bus.settle(delivery, settlement)
    if (first instanceof Refusal) throw first
    return first
  }
  const { keys, keyspace } = world.bus
  const rest = { keys, keyspace, now: () => world.bus.now(), renew: world.bus.renew.bind(world.bus) }
  const bus = { ...rest, settle, abandon: () => {} } as unknown as Bus
  await world.emit('sweep.due', {})
  const [delivery] = await world.bus.pull(new Map([['sweep', 1]]))
  await runDelivery(delivery!, world.runner(bus, { functions: new Map([['sweep', sweep]]) } as never))
  expect(undone).toBe(1)
})
