/** Each step in the life of a scan: what it does, what it gives up on, and what it leaves alone. */
import { describe, expect, test } from 'vitest'
import type { Scan } from '../../lib/scans/record.ts'
import { scannerEntry } from '../support/fake-registry.ts'
import { DAMAGED } from '../support/fake-reports.ts'
import { queuedScan, runningScan, TASK } from '../support/scan-record.ts'
import { makeWorld, type World, type WorldOptions } from '../support/world.ts'

/** A world in which `scan` waits for the event `type`, which has come. */
async function waitingFor(type: string, scan: Scan, data: object = {}, options: WorldOptions = {}): Promise<World> {
  const world = makeWorld(options)
  await world.put({ ...scan, next: 'the-event' })
  await world.emit(type, data, { subject: scan.task_id, id: 'the-event' })
  return world
}

/** Puts a scan of ours on the fake scanner, launched if `launched`, and says so in the record. */
function atScanner(world: World, { launched = true } = {}) {
  const made = world.scanner().add({ name: 'Weekly', description: '', marker: TASK, targets: '', template: 'basic' })
  if (launched) made.launchedAtMs = world.clock.ms
  return made
}

const scanning = (patch: Partial<Scan> = {}) =>
  runningScan({ step: 'scanning', scanner_scan_id: 1, launched_at: '2026-03-01T08:00:00.000Z', ...patch })

const letters = (world: World) => world.server.keyspace.stream(world.server.keys.dead).map(({ fields }) => fields)

describe('admit', () => {
  test('gives a waiting scan a slot and tells create', async () => {
    const world = makeWorld()
    await world.put(queuedScan())
    await world.emit('scan.requested', { pool: 'lab' }, { subject: TASK })
    expect(await world.deliver('admit')).toBe('settled')
    expect(await world.scan(TASK)).toMatchObject({ status: 'running', step: 'creating', scanner_instance: 'one' })
    expect(await world.services.scans.holders('lab/one')).toEqual([TASK])
    expect(world.waiting('create')).toEqual(['scan.admitted'])
  })

  test('leaves a scan waiting while its scanners are full or disabled', async () => {
    for (const patch of [{ maxConcurrentScans: 1 }, { enabled: false }]) {
      const world = makeWorld({ entries: [scannerEntry(patch)] })
      await world.put(runningScan({ task_id: 'ns_one_20260301_080000_0000000a' }))
      await world.put(queuedScan())
      await world.emit('scan.requested', { pool: 'lab' }, { subject: TASK })
      await world.deliver('admit')
      expect(await world.scan(TASK)).toMatchObject({ status: 'queued', revision: 1 })
    }
  })

  test('lets others pass a scan that is pinned to a full scanner', async () => {
    const world = makeWorld({
      entries: [scannerEntry({ maxConcurrentScans: 1 }), scannerEntry({ instanceId: 'two' })],
    })
    const other = 'ns_two_20260301_080001_0000000b'
    await world.put(runningScan({ task_id: 'ns_one_20260301_080000_0000000a' }))
    await world.put(queuedScan({ pinned_instance: 'one' }))
    await world.put(queuedScan({ task_id: other, created_at: '2026-03-01T08:00:01.000Z' }))
    await world.emit('scan.requested', { pool: 'lab' })
    await world.deliver('admit')
    expect(await world.scan(TASK)).toMatchObject({ status: 'queued' })
    expect(await world.scan(other)).toMatchObject({ status: 'running', scanner_instance: 'two' })
  })

  test('takes the scan of higher priority first, and the least used scanner', async () => {
    const world = makeWorld({ entries: [scannerEntry(), scannerEntry({ instanceId: 'two' })] })
    await world.put(runningScan({ task_id: 'ns_one_20260301_080000_0000000a' }))
    await world.put(queuedScan())
    const urgent = 'ns_one_20260301_080001_0000000b'
    await world.put(queuedScan({ task_id: urgent, priority: 1, created_at: '2026-03-01T08:00:01.000Z' }))
    await world.emit('slot.freed', { pool: 'lab' })
    await world.deliver('admit')
    expect(await world.scan(urgent)).toMatchObject({ status: 'running', scanner_instance: 'two' })
    expect(await world.scan(TASK)).toMatchObject({ status: 'queued' })
  })
})

describe('create', () => {
  test('creates the scan, marked with its task id', async () => {
    const world = await waitingFor('scan.admitted', runningScan())
    await world.deliver('create')
    expect(world.scanner().marked(TASK)).toMatchObject([{ asked: { targets: '192.0.2.10', template: 'basic' } }])
    expect(await world.scan(TASK)).toMatchObject({ step: 'launching', scanner_scan_id: 1 })
    expect(world.waiting('launch')).toEqual(['scan.created'])
  })

  test('adopts what an earlier run of it made', async () => {
    const world = await waitingFor('scan.admitted', runningScan())
    atScanner(world, { launched: false })
    await world.deliver('create')
    expect(world.scanner().tally(TASK).creates).toBe(1)
    expect(await world.scan(TASK)).toMatchObject({ scanner_scan_id: 1 })
  })

  test('finds the scan again after a link that broke behind its creation', async () => {
    const world = await waitingFor('scan.admitted', runningScan())
    let broken = true
    world.scanner().fault = (method, moment) => {
      if (method !== 'create' || moment !== 'after' || !broken) return
      broken = false
      throw new Error('connection reset')
    }
    expect(await world.deliver('create')).toBe('retried')
    await world.pass(60_000)
    expect(world.scanner().tally(TASK)).toMatchObject({ creates: 1, launches: 1 })
  })

  test('removes an orphan when its scan has been stopped meanwhile', async () => {
    const world = await waitingFor('scan.admitted', runningScan())
    await world.put(runningScan({ task_id: 'ns_one_20260301_080000_0000000a' }))
    await world.call('stop_scan', { task_id: TASK })
    atScanner(world, { launched: false })
    await world.deliver('create')
    expect(world.scanner().marked(TASK)).toEqual([])
  })

  test('creates nothing when the scan is stopped just before', async () => {
    const world = await waitingFor('scan.admitted', runningScan())
    let stopped = false
    world.scanner().fault = async (method, moment) => {
      if (method !== 'findByMarker' || moment !== 'after' || stopped) return
      stopped = true
      await world.call('stop_scan', { task_id: TASK })
    }
    expect(await world.deliver('create')).toBe('settled')
    expect(world.scanner().tally(TASK).creates).toBe(0)
  })

  test('leaves what it made to the worker that took over, unless that made its own', async () => {
    for (const [recorded, left] of [
      [undefined, 1],
      [7, 0],
    ] as const) {
      const world = await waitingFor('scan.admitted', runningScan())
      world.scanner().fault = async (method, moment) => {
        if (method !== 'create' || moment !== 'after') return
        // The lease lapses while the answer is on its way, and another worker takes the event.
        world.clock.ms += 31_000
        const other = world.server.bus('other')
        await other.pull(new Map([['create', 0]]))
        await other.claim(new Map([['create', 1]]), true)
        if (recorded !== undefined) await setScannerId(world, recorded)
      }
      expect(await world.deliver('create')).toBe('fenced')
      expect(world.scanner().marked(TASK)).toHaveLength(left)
    }
  })

  test('gives up when the credentials are gone, and says what to do', async () => {
    const credentials = { kind: 'named', ref: 'linux', shown: {} } as const
    const world = await waitingFor('scan.admitted', runningScan({ credentials }))
    expect(await world.deliver('create')).toBe('dead')
    await world.deliver('fail')
    const { status, failure } = await world.scan(TASK)
    expect(status).toBe('failed')
    expect(failure).toMatchObject({ step: 'create', message: expect.stringContaining('linux') })
    expect(letters(world)).toMatchObject([{ letter: failure?.dead_letter, task: TASK }])
  })
})

async function setScannerId(world: World, id: number): Promise<void> {
  const scan = { ...(await world.scan(TASK)), scanner_scan_id: id }
  world.server.keyspace.apply(['HSET', world.services.scanKeys.scan(TASK), 'body', JSON.stringify(scan)])
}

describe('launch', () => {
  const launching = runningScan({ step: 'launching', scanner_scan_id: 1 })

  test('launches the scan', async () => {
    const world = await waitingFor('scan.created', launching)
    atScanner(world, { launched: false })
    await world.deliver('launch')
    expect(await world.scan(TASK)).toMatchObject({ step: 'scanning', run_uuid: 'run-1-1', progress: 0 })
    expect(world.waiting('poll')).toEqual(['scan.launched'])
  })

  test('does not launch what runs or has run', async () => {
    for (const runMs of [60_000, 0]) {
      const world = await waitingFor('scan.created', launching)
      const scan = atScanner(world)
      scan.launches = 1
      scan.runMs = runMs
      await world.deliver('launch')
      expect(world.scanner().tally(TASK).launches).toBe(0)
      expect(await world.scan(TASK)).toMatchObject({ step: 'scanning' })
    }
  })

  test('launches nothing when the scan is stopped just before', async () => {
    const world = await waitingFor('scan.created', launching)
    atScanner(world, { launched: false })
    let stopped = false
    world.scanner().fault = async (method, moment) => {
      if (method !== 'state' || moment !== 'after' || stopped) return
      stopped = true
      await world.call('stop_scan', { task_id: TASK })
    }
    await world.deliver('launch')
    expect(world.scanner().tally(TASK).launches).toBe(0)
  })

  test('gives up on a scan that is gone', async () => {
    const world = await waitingFor('scan.created', launching)
    expect(await world.deliver('launch')).toBe('dead')
  })
})

describe('poll', () => {
  test('looks again later while the scan runs, and its progress never goes back', async () => {
    const world = await waitingFor('scan.launched', scanning({ progress: 70 }))
    atScanner(world)
    world.clock.ms += 30_000
    await world.deliver('poll')
    expect(await world.scan(TASK)).toMatchObject({ step: 'scanning', progress: 70, scanner_status: 'running' })
    expect(world.server.delayed()).toMatchObject([{ to: 'poll', delayMs: 6000 }])
  })

  test.each([
    ['completed', { endsAs: 'completed' as const }],
    ['aborted', { endsAs: 'aborted' as const }],
    ['canceled', { stopsAtMs: 0 }],
  ])('sees that the run is %s and has its report fetched', async (outcome, patch) => {
    const world = await waitingFor('scan.poll-due', scanning())
    Object.assign(atScanner(world), patch)
    world.clock.ms += 120_000
    await world.deliver('poll')
    expect(await world.scan(TASK)).toMatchObject({ step: 'exporting', scan_outcome: outcome })
    expect(world.waiting('export')).toEqual(['scan.finished'])
  })

  test('has a scan stopped that runs too long', async () => {
    const world = await waitingFor('scan.poll-due', scanning())
    atScanner(world).runMs = 1e9
    world.clock.ms += 3_600_001
    await world.deliver('poll')
    expect(await world.scan(TASK)).toMatchObject({ step: 'stopping', stopping: { as: 'timeout' } })
    expect(world.waiting('stop')).toEqual(['scan.stop-requested'])
  })

  test('says so when someone deleted the scan', async () => {
    const world = await waitingFor('scan.poll-due', scanning())
    await world.settleDown()
    expect(await world.scan(TASK)).toMatchObject({
      status: 'failed',
      failure: { message: expect.stringContaining('is gone from the scanner') },
    })
  })

  test('leaves a stale event alone', async () => {
    const world = await waitingFor('scan.poll-due', scanning())
    await world.deliver('poll')
    await world.emit('scan.poll-due', {}, { subject: TASK, id: 'an older one' })
    const before = await world.scan(TASK)
    const calls = world.scanner().calls.length
    expect(await world.deliver('poll')).toBe('settled')
    expect(await world.scan(TASK)).toEqual(before)
    expect(world.scanner().calls).toHaveLength(calls)
  })
})

describe('export and validate', () => {
  const exporting = scanning({ step: 'exporting', scan_outcome: 'completed' })

  test('fetch the report, judge it and end the scan', async () => {
    const world = await waitingFor('scan.finished', exporting)
    atScanner(world)
    world.scanner().exportStates = ['loading']
    await world.deliver('export')
    expect(await world.scan(TASK)).toMatchObject({ step: 'validating', native: { size_bytes: 41 } })
    await world.deliver('validate')
    expect(await world.scan(TASK)).toMatchObject({
      status: 'completed',
      step: 'done',
      authentication_status: 'not_applicable',
      results_summary: { total_vulnerabilities: 2 },
    })
    expect(world.reports.expectations.get(TASK)).toMatchObject({ credentialsAsked: 'none', targets: { count: 1 } })
    expect(await world.services.scans.used('lab/one')).toBe(0)
  })

  test('an export that the scanner forgot is asked for again', async () => {
    const world = await waitingFor('scan.finished', exporting)
    atScanner(world)
    world.scanner().exportStates = ['gone']
    expect(await world.deliver('export')).toBe('retried')
    await world.pass(10_000)
    expect(await world.scan(TASK)).toMatchObject({ status: 'completed' })
  })

  test('an aborted run fails, though what it found can be read', async () => {
    const world = await waitingFor('scan.finished', { ...exporting, scan_outcome: 'aborted' })
    atScanner(world)
    await world.settleDown()
    const scan = await world.scan(TASK)
    expect(scan).toMatchObject({ status: 'failed', results_summary: { total_vulnerabilities: 2 } })
    expect(scan.failure?.message).toContain('aborted')
  })

  test('a damaged report is given up, not called clean', async () => {
    const world = await waitingFor('scan.finished', exporting, {}, { report: () => DAMAGED })
    atScanner(world)
    await world.settleDown()
    expect(await world.scan(TASK)).toMatchObject({ status: 'failed', failure: { step: 'validate' } })
  })

  test('a stale event fetches nothing', async () => {
    const world = await waitingFor('scan.finished', exporting)
    atScanner(world)
    await world.settleDown()
    const calls = world.scanner().calls.length
    await world.emit('scan.finished', {}, { subject: TASK, id: 'again' })
    await world.deliver('export')
    expect(world.scanner().calls).toHaveLength(calls)
  })
})

describe('stop', () => {
  const stopping = scanning({ step: 'stopping', stopping: { as: 'canceled', reason: 'stopped by a test' } })

  test('stops the run, sees that it has stopped, and keeps what it found', async () => {
    const world = await waitingFor('scan.stop-requested', stopping)
    atScanner(world)
    await world.pass(10_000)
    expect(world.scanner().phase(world.scanner().scansById.get(1)!)).toBe('canceled')
    expect(await world.scan(TASK)).toMatchObject({ status: 'canceled', results_summary: { hosts_scanned: 1 } })
  })

  test('removes a scan that was never launched, also one whose id nobody noted', async () => {
    const world = await waitingFor(
      'scan.stop-requested',
      runningScan({ step: 'stopping', stopping: stopping.stopping }),
    )
    atScanner(world, { launched: false })
    await world.deliver('stop')
    expect(world.scanner().marked(TASK)).toEqual([])
    expect(await world.scan(TASK)).toMatchObject({ status: 'canceled' })
  })

  test('never touches what people made', async () => {
    const world = await waitingFor('scan.stop-requested', { ...stopping, origin: 'adopted' })
    atScanner(world)
    await world.deliver('stop')
    expect(world.scanner().calls).toEqual([])
    expect(await world.scan(TASK)).toMatchObject({ status: 'canceled' })
  })

  test('a second request finds the scan ended and leaves it', async () => {
    const world = await waitingFor('scan.stop-requested', stopping)
    await world.settleDown()
    const { revision } = await world.scan(TASK)
    await world.emit('scan.stop-requested', {}, { subject: TASK, id: 'again' })
    await world.deliver('stop')
    expect(await world.scan(TASK)).toMatchObject({ revision })
  })
})
