/** Goal: a scan has ended only when it is seen to have stopped, whatever its scanner answers meanwhile. */
import { describe, expect, test } from 'vitest'
import { PermanentError } from '../../../lib/base/errors.ts'
import { readLetters } from '../../../lib/scan-work/recover/read-letters.ts'
import { replayLetter } from '../../../lib/scan-work/recover/replay-letter.ts'
import { ScannerAwayError } from '../../../lib/scanners/away-error.ts'
import { giveUpScan } from '../../../lib/scan-work/end/give-up.ts'
import { routes, type World } from '../../support/world.ts'
import { runningScan, TASK } from '../../support/scan-record.ts'
import { atScanner, scanning, waitingFor } from '../../runtime/support/waiting-for.ts'

const HOUR_MS = 3_600_000

async function stoppingWorld(): Promise<World> {
  const world = await waitingFor('scan.launched', scanning(), {}, { stopTakesMs: 1000 })
  atScanner(world).runMs = 1e12
  await world.call('stop_scan', { task_id: TASK })
  return world
}
function away(
  world: World,
  error: Error = new ScannerAwayError('lab/one refuses (401)', { scanner: 'lab/one' }),
): void {
  world.scanner().fault = () => {
    throw error
  }
}

describe('a stop', () => {
  test.each([
    ['refused', new ScannerAwayError('lab/one refuses (401)', { scanner: 'lab/one' })],
    ['failing', new Error('odd')],
  ])('that is %s for days ends nothing: the scan runs, with its slot and the reason', async (_, error) => {
    const world = await stoppingWorld()
    away(world, error)
    for (let day = 0; day < 12; day++) {
      await world.settleDown()
      world.clock.ms += 24 * HOUR_MS
    }
    await world.settleDown()
    expect(await world.scan(TASK)).toMatchObject({
      status: 'running',
      step: 'stopping',
      trouble: { message: expect.stringContaining(error.message) },
    })
    expect(await world.services.scans.holders('lab/one')).toEqual([TASK])
    expect(world.server.keyspace.stream(world.server.keys.dead)).toEqual([])
    world.scanner().fault = () => {}
    await world.pass(10 * 60_000)
    expect(await world.scan(TASK)).toMatchObject({ status: 'canceled' })
    expect(await world.services.scans.used('lab/one')).toBe(0)
  })

  test('that the scanner does not carry out has trouble with a remedy, and is followed by a kill', async () => {
    const world = await stoppingWorld()
    const [made] = world.scanner().marked(TASK)
    world.scanner().halt = () => {}
    await world.pass(6 * 60_000)
    const { trouble } = await world.scan(TASK)
    expect(trouble?.message).toMatch(
      /still running at its scanner.*restart Nessus there, or give the scan up with `nessus-mcp give-up ns_/,
    )
    expect(world.scanner().phase(made!)).toBe('active')
    await world.pass(6 * 60_000)
    expect(await world.scan(TASK)).toMatchObject({ status: 'canceled' })
  })
})

describe('giving up', () => {
  const giveUp = (world: World, id = TASK) =>
    giveUpScan(id, 'operator ann', { ...world.services, bus: world.bus, routes })

  test('frees the slot, says that it may still run, and the clean-up goes on trying to stop it', async () => {
    const world = await stoppingWorld()
    away(world)
    await world.settleDown()
    await giveUp(world)
    expect(await world.scan(TASK)).toMatchObject({
      status: 'canceled',
      failure: { message: expect.stringMatching(/given up by operator ann .* may still run at lab\/one as scan 1/) },
    })
    expect(await world.services.scans.used('lab/one')).toBe(0)
    await world.pass(HOUR_MS)
    world.scanner().fault = () => {}
    await world.pass(10 * 60_000)
    expect(world.scanner().phase(world.scanner().marked(TASK)[0]!)).toBe('canceled')
  })

  test('is refused for a scan that has stopped, and whose report is being fetched', async () => {
    const world = await stoppingWorld()
    await world.put(
      scanning({
        task_id: 'ns_one_20260301_080000_0000000e',
        step: 'exporting',
        stopping: { as: 'canceled', reason: 'r' },
      }),
    )
    await expect(giveUp(world, 'ns_one_20260301_080000_0000000e')).rejects.toThrow(/is running \(exporting\)/)
  })

  test('is refused for a scan that is not being stopped, or not there', async () => {
    const world = await waitingFor('scan.launched', scanning())
    await expect(giveUp(world)).rejects.toThrow(/is running \(scanning\); only one that is being stopped/)
    await expect(giveUp(world, 'ns_one_20260301_080000_0000000f')).rejects.toThrow(/There is no scan/)
  })
})

test('a scan that was stopped for having failed completes when its letter is replayed', async () => {
  const world = await waitingFor('scan.created', runningScan({ step: 'launching', scanner_scan_id: 1 }))
  atScanner(world, { launched: false }).runMs = 5000
  world.scanner().fault = (method) => {
    if (method === 'launch') throw new PermanentError('refused (400)')
  }
  await world.settleDown()
  expect(await world.scan(TASK)).toMatchObject({
    status: 'failed',
    stopping: { as: 'failed' },
    failure: { step: 'launch' },
  })
  world.scanner().fault = () => {}
  const deps = { ...world.services, bus: world.bus, routes }
  for await (const letter of readLetters(world.bus.keyspace, world.bus.keys)) await replayLetter(letter, 'ann', deps)
  await world.pass(60_000)
  expect(await world.scan(TASK)).toMatchObject({ status: 'completed' })
  expect(world.scanner().tally(TASK).launches).toBe(1)
})

test('delete_scan by force leaves a record that keeps trying until the stop is confirmed', async () => {
  const world = await stoppingWorld()
  away(world)
  await world.call('delete_scan', { task_id: TASK, force: true })
  await world.pass(HOUR_MS)
  expect(await world.scan(TASK)).toMatchObject({ status: 'running', deleting: true, trouble: { with: 'scanner' } })
  world.scanner().fault = () => {}
  await world.pass(10 * 60_000)
  expect(await world.services.scans.get(TASK)).toBeUndefined()
  expect(world.scanner().marked(TASK)).toEqual([])
})

test('the clean-up stops what still runs, a paused scan too, and deletes it only after the retention time', async () => {
  const world = await waitingFor(
    'scan.ended',
    scanning({ status: 'failed', step: 'done', ended_at: '2026-03-01T09:00:00.000Z', results_summary: {} }),
    {
      pool: 'lab',
    },
  )
  const made = atScanner(world)
  made.runMs = 1e12
  made.pausedAtMs = world.clock.ms
  await world.pass(60_000)
  expect(world.scanner().phase(made)).toBe('canceled')
  expect(world.scanner().marked(TASK)).toHaveLength(1)
  await world.pass(25 * HOUR_MS)
  expect(world.scanner().marked(TASK)).toEqual([])
})
