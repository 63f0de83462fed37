/** Goal: a scan touches only what its scanner's entry allows at the moment of its launch, not at that of the call. */
import { describe, expect, test } from 'vitest'
import { readLetters } from '../../../lib/scan-work/recover/read-letters.ts'
import { replayLetter } from '../../../lib/scan-work/recover/replay-letter.ts'
import { scannerEntry } from '../../support/fake-registry.ts'
import { queuedScan, runningScan, TASK } from '../../support/scan-record.ts'
import { makeWorld, routes } from '../../support/world.ts'
import { atScanner, waitingFor } from '../../runtime/support/waiting-for.ts'

const DENIED = { deniedTargets: ['192.0.2.0/24'] }
const WHY = /does not allow these targets any more \(192\.0\.2\.10: lab\/one denies 192\.0\.2\.0\/24/

describe('a target that was denied while the scan waited', () => {
  test('is not given to the scanner: the scan fails before it is created, and says why', async () => {
    const world = await waitingFor('scan.admitted', runningScan())
    world.scanners.change('lab/one', DENIED)
    await world.settleDown()
    expect(await world.scan(TASK)).toMatchObject({ status: 'failed', failure: { message: expect.stringMatching(WHY) } })
    expect(world.scanner().tally(TASK).creates).toBe(0)
  })

  test('is seen among all targets, not only among those that the record shows', async () => {
    const targets = { text: '198.51.100.1,192.0.2.10', count: 2, hosts: ['198.51.100.1'] }
    const world = await waitingFor('scan.admitted', runningScan({ targets }))
    world.scanners.change('lab/one', DENIED)
    await world.settleDown()
    expect(await world.scan(TASK)).toMatchObject({ status: 'failed', failure: { message: expect.stringMatching(WHY) } })
    expect(world.scanner().tally(TASK).creates).toBe(0)
  })

  test('is not scanned though the scan had been created: it is not launched, and its slot is free', async () => {
    const world = await waitingFor('scan.created', runningScan({ step: 'launching', scanner_scan_id: 1 }))
    atScanner(world, { launched: false })
    world.scanners.change('lab/one', DENIED)
    await world.settleDown()
    expect(await world.scan(TASK)).toMatchObject({ status: 'failed', failure: { message: expect.stringMatching(WHY) } })
    expect(world.scanner().tally(TASK).launches).toBe(0)
    expect(await world.services.scans.used('lab/one')).toBe(0)
  })

  test('is asked at the last moment: a denial between the look and the launch counts', async () => {
    const world = await waitingFor('scan.created', runningScan({ step: 'launching', scanner_scan_id: 1 }))
    atScanner(world, { launched: false })
    world.scanner().fault = (method, moment) => {
      if (method === 'state' && moment === 'after') world.scanners.change('lab/one', DENIED)
    }
    await world.settleDown()
    expect(world.scanner().tally(TASK).launches).toBe(0)
  })

  test('does not stop a scan that runs: it was allowed', async () => {
    const world = await waitingFor(
      'scan.launched',
      runningScan({ step: 'scanning', scanner_scan_id: 1, launched_at: '2026-03-01T08:00:00.000Z' }),
    )
    atScanner(world).runMs = 10_000
    world.scanners.change('lab/one', DENIED)
    await world.pass(30_000)
    expect(await world.scan(TASK)).toMatchObject({ status: 'completed' })
  })
})

test('a letter is not replayed against the policy as it is now, and is once the entry allows it again', async () => {
  const world = await waitingFor('scan.created', runningScan({ step: 'launching', scanner_scan_id: 1 }))
  atScanner(world, { launched: false })
  world.scanners.change('lab/one', DENIED)
  await world.settleDown()
  const deps = { ...world.services, bus: world.bus, routes }
  const replay = async () => {
    for await (const letter of readLetters(world.bus.keyspace, world.bus.keys)) await replayLetter(letter, 'ann', deps)
  }
  await expect(replay()).rejects.toThrow(WHY)
  world.scanners.change('lab/one', { deniedTargets: [] })
  await replay()
  await world.pass(120_000)
  expect(await world.scan(TASK)).toMatchObject({ status: 'completed' })
})

describe('admission', () => {
  const two = () => [scannerEntry({ ...DENIED }), scannerEntry({ instanceId: 'two' })]

  test('gives a scan to a scanner whose policy allows it', async () => {
    const world = makeWorld({ entries: two() })
    await world.put(queuedScan())
    await world.emit('scan.requested', { pool: 'lab' }, { subject: TASK })
    await world.deliver('admit')
    expect(await world.scan(TASK)).toMatchObject({ status: 'running', scanner_instance: 'two' })
  })

  test('has a scan wait for the scanner that allows it, and lets others pass', async () => {
    const entries = [scannerEntry({ ...DENIED }), scannerEntry({ instanceId: 'two', maxConcurrentScans: 1 })]
    const world = makeWorld({ entries })
    await world.put(runningScan({ task_id: 'ns_two_20260301_080000_0000000a', scanner_instance: 'two' }))
    await world.put(queuedScan())
    const other = 'ns_one_20260301_080001_0000000b'
    const targets = { text: '198.51.100.1', count: 1, hosts: ['198.51.100.1'] }
    await world.put(queuedScan({ task_id: other, targets, created_at: '2026-03-01T08:00:01.000Z' }))
    await world.emit('scan.requested', { pool: 'lab' }, { subject: TASK })
    await world.deliver('admit')
    expect(await world.scan(TASK)).toMatchObject({ status: 'queued' })
    expect(await world.scan(other)).toMatchObject({ status: 'running', scanner_instance: 'one' })
  })

  test('does not leave a scan waiting for ever that no scanner allows any more: it fails, and says why', async () => {
    const world = makeWorld({ entries: [scannerEntry({ ...DENIED })] })
    await world.put(queuedScan())
    await world.emit('scan.requested', { pool: 'lab' }, { subject: TASK })
    await world.settleDown()
    expect(await world.scan(TASK)).toMatchObject({ status: 'failed', failure: { message: expect.stringMatching(WHY) } })
  })
})
