/** What stands around the run of a delivery: its order, and that it may deal with a delivery in place of its function. */
import { expect, test } from 'vitest'
import type { Delivery } from '../../lib/bus/bus.ts'
import { compose } from '../../lib/runtime/compose.ts'
import { decideFailures } from '../../lib/runtime/retry/decide-failures.ts'
import { runDelivery } from '../../lib/runtime/run-delivery.ts'
import { ended, type Layer, type Runner } from '../../lib/runtime/runner.ts'
import { queuedScan, TASK } from '../support/scan-record.ts'
import { makeWorld } from '../support/world.ts'

async function given() {
  const world = makeWorld()
  await world.put(queuedScan())
  await world.emit('scan.requested', { pool: 'lab' }, { subject: TASK })
  const [delivery] = await world.bus.pull(new Map([['admit', 1]]))
  return { world, delivery: delivery! }
}

test('layers run in their order, and back', async () => {
  const seen: string[] = []
  const layer =
    (name: string): Layer =>
    async (_delivery, next) => {
      seen.push(`${name} in`)
      const ran = await next()
      seen.push(`${name} out`)
      return ran
    }
  const core = async () => {
    seen.push('core')
    return ended('settled')
  }
  await compose([layer('a'), layer('b')], core)({} as Delivery, {} as Runner)
  expect(seen).toEqual(['a in', 'b in', 'core', 'b out', 'a out'])
})

test('what a layer dealt with is not run', async () => {
  const { world, delivery } = await given()
  const deals: Layer = async () => {
    await world.bus.settle(delivery, { guards: [], writes: [], posts: [] })
    return ended('settled')
  }
  expect(await runDelivery(delivery, world.runner(world.bus, { layers: [decideFailures, deals] }))).toBe('settled')
  expect(await world.scan(TASK)).toMatchObject({ status: 'queued' })
})

test('what a layer passes on is run', async () => {
  const { world, delivery } = await given()
  const passes: Layer = (_delivery, next) => next()
  expect(await runDelivery(delivery, world.runner(world.bus, { layers: [decideFailures, passes] }))).toBe('settled')
  expect(await world.scan(TASK)).toMatchObject({ status: 'running' })
})

test('the failure of a layer is a failed attempt, not the death of a worker', async () => {
  const { world, delivery } = await given()
  const fails: Layer = () => Promise.reject(new Error('Redis does not answer'))
  expect(await runDelivery(delivery, world.runner(world.bus, { layers: [decideFailures, fails] }))).toBe('retried')
  await world.pass(60_000)
  expect(await world.scan(TASK)).toMatchObject({ status: expect.stringMatching(/running|completed/) })
})
