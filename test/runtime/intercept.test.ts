/** A delivery may be dealt with in place of its function; when that fails, the event is tried again like any other. */
import { expect, test } from 'vitest'
import { runDelivery } from '../../lib/runtime/run-delivery.ts'
import { queuedScan, TASK } from '../support/scan-record.ts'
import { makeWorld } from '../support/world.ts'

async function given() {
  const world = makeWorld()
  await world.put(queuedScan())
  await world.emit('scan.requested', { pool: 'lab' }, { subject: TASK })
  const [delivery] = await world.bus.pull(new Map([['admit', 1]]))
  return { world, delivery: delivery! }
}

test('what was dealt with is not run', async () => {
  const { world, delivery } = await given()
  const intercept = async () => (await world.bus.settle(delivery, { guards: [], writes: [], posts: [] })) === 'settled'
  expect(await runDelivery(delivery, world.runner(world.bus, { intercept }))).toBe('settled')
  expect(await world.scan(TASK)).toMatchObject({ status: 'queued' })
})

test('what was left alone is run', async () => {
  const { world, delivery } = await given()
  expect(await runDelivery(delivery, world.runner(world.bus, { intercept: async () => false }))).toBe('settled')
  expect(await world.scan(TASK)).toMatchObject({ status: 'running' })
})

test('a failure is a failed attempt, not the death of a worker', async () => {
  const { world, delivery } = await given()
  const intercept = () => Promise.reject(new Error('Redis does not answer'))
  expect(await runDelivery(delivery, world.runner(world.bus, { intercept }))).toBe('retried')
  await world.pass(60_000)
  expect(await world.scan(TASK)).toMatchObject({ status: expect.stringMatching(/running|completed/) })
})
