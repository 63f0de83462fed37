/** sweep: gives a new event to a scan whose next one is nowhere, and to a queue beside a free slot. */
import { expect, test } from 'vitest'
import { queuedScan, runningScan, TASK } from '../../support/scan-record.ts'
import { makeWorld } from '../../support/world.ts'

/** Some minutes later: a scan that changed just now may have its event on the way. */
async function swept(world: ReturnType<typeof makeWorld>): Promise<void> {
  world.clock.ms += 300_000
  await world.emit('sweep.due', {})
  await world.deliver('sweep')
}

test('a running scan goes on with the event of its step', async () => {
  const world = makeWorld()
  await world.put(runningScan({ step: 'scanning', scanner_scan_id: 1, next: 'an event that is nowhere' }))
  await swept(world)
  expect(world.waiting('poll')).toEqual(['scan.poll-due'])
  expect((await world.scan(TASK)).next).not.toBe('an event that is nowhere')
})

test('a scan whose event is there is left alone', async () => {
  const world = makeWorld()
  const event = await world.emit('scan.poll-due', {}, { subject: TASK })
  await world.put(runningScan({ step: 'scanning', scanner_scan_id: 1, next: event.id }))
  await swept(world)
  expect(world.waiting('poll')).toEqual(['scan.poll-due'])
  expect((await world.scan(TASK)).next).toBe(event.id)
})

test('a queue is told to be looked at', async () => {
  const world = makeWorld()
  await world.put(queuedScan())
  await swept(world)
  expect(world.waiting('admit')).toEqual(['slot.freed'])
})
