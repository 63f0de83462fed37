/** Goal: while the data directory takes nothing, the scans that need it wait and say so; their scanners have no part in it. */
import { expect, test } from 'vitest'
import type { Bus } from '../../../lib/bus/bus.ts'
import { runDelivery } from '../../../lib/runtime/run-delivery.ts'
import { statusView } from '../../../lib/scan-work/show/status-view.ts'
import { compileChange, update } from '../../../lib/scans/change.ts'
import { ScannerAwayError } from '../../../lib/scanners/away-error.ts'
import { healthWrite, knownHealth } from '../../../lib/scanners/health.ts'
import { TASK } from '../../support/scan-record.ts'
import type { World } from '../../support/world.ts'
import { atScanner, scanning, waitingFor, withSettle } from '../support/waiting-for.ts'

const full = () => Object.assign(new Error('write failed'), { code: 'ENOSPC' })
const SAID = { message: expect.stringMatching(/^The data directory is full: free space there/) }

/** A running scan whose look at the scanner meets `error`, once. */
async function meets(world: World, error: Error, bus: Bus = world.bus): Promise<string> {
  const [delivery] = await world.bus.pull(new Map([['poll', 1]]))
  const runner = world.runner(bus)
  const layers = [...runner.layers, () => Promise.reject(error)]
  return runDelivery(delivery!, { ...runner, layers })
}
async function worldOfOneScan(): Promise<World> {
  const world = await waitingFor('scan.launched', scanning())
  atScanner(world).runMs = 1e9
  return world
}
function untilDue({ server, clock }: World): void {
  clock.ms += server.delayed()[0]!.delayMs
  server.promote()
}

test('costs no attempt, and the status says since when and why', async () => {
  const world = await worldOfOneScan()
  expect(await meets(world, full())).toBe('retried')
  expect(world.server.delayed()).toMatchObject([{ to: 'poll', attempt: 1 }])
  const view = await statusView(await world.scan(TASK), { ...world.services, now: world.bus.now() })
  expect(view).toMatchObject({ status: 'running', trouble: SAID })
  expect(Object.keys(view.trouble!)).toEqual(['since', 'message'])
})

test('is said once, however long it lasts', async () => {
  const world = await worldOfOneScan()
  await meets(world, full())
  const { revision } = await world.scan(TASK)
  untilDue(world)
  await meets(world, full())
  expect(await world.scan(TASK)).toMatchObject({ revision })
})

test('is over with the first step that gets through, which says nothing of the scanner', async () => {
  const world = await worldOfOneScan()
  await meets(world, full())
  const { services, bus } = world
  const gone = { ready: false, launch: 'allowed' as const, problem: 'gone', checked_at: bus.now().toISOString() }
  await bus.publish([], { guards: [], writes: [healthWrite(services.scanKeys, 'lab/one', gone)] })
  untilDue(world)
  expect(await world.deliver('poll')).toBe('settled')
  expect((await world.scan(TASK)).trouble).toBeUndefined()
  expect((await knownHealth(services.keyspace, services.scanKeys, bus.now())).get('lab/one')).toMatchObject(gone)
  expect(world.waiting('admit')).toEqual([])
})

test('takes the place of another trouble, and gives way to it', async () => {
  const world = await worldOfOneScan()
  await meets(world, new ScannerAwayError('lab/one cannot be reached', { scanner: 'lab/one' }))
  expect(await world.scan(TASK)).toMatchObject({ trouble: { with: 'scanner' } })
  untilDue(world)
  await meets(world, full())
  expect(await world.scan(TASK)).toMatchObject({ trouble: { with: 'disk' } })
  untilDue(world)
  await meets(world, new ScannerAwayError('lab/one cannot be reached', { scanner: 'lab/one' }))
  expect(await world.scan(TASK)).toMatchObject({ trouble: { with: 'scanner' } })
})

test('is not said of a scan that waits for another event', async () => {
  const world = await worldOfOneScan()
  await world.deliver('poll')
  await world.emit('scan.poll-due', {}, { subject: TASK, id: 'an older one' })
  expect(await meets(world, full())).toBe('retried')
  expect((await world.scan(TASK)).trouble).toBeUndefined()
})

test('puts the event off also when the scan has changed meanwhile', async () => {
  const world = await worldOfOneScan()
  const bus = withSettle(world, async (...settlement) => {
    const before = await world.scan(TASK)
    const moved = compileChange(update(before, { progress: 10 }), world.services.scanKeys, world.server.keys)
    if (before.revision === 1) world.server.commit(moved, [])
    return world.bus.settle(...settlement)
  })
  expect((await world.scan(TASK)).revision).toBe(1)
  expect(await meets(world, full(), bus)).toBe('retried')
  expect(world.server.delayed()).toMatchObject([{ to: 'poll', attempt: 1 }])
})

test('is given up like any other failure once a scan may not take longer', async () => {
  const world = await worldOfOneScan()
  await meets(world, full())
  world.clock.ms += world.services.limits.scanTimeoutMs + 1
  world.server.promote()
  expect(await meets(world, full())).toBe('retried')
  expect(world.server.delayed()).toMatchObject([{ to: 'poll', attempt: 2 }])
})
