/** What happens to a scan that was given up, has ended or was deleted. */
import { describe, expect, test } from 'vitest'
import { runDelivery } from '../../../lib/runtime/run-delivery.ts'
import { ScannerAwayError } from '../../../lib/scanners/away-error.ts'
import type { Scan } from '../../../lib/scans/record.ts'
import { runningScan, TASK } from '../../support/scan-record.ts'
import { makeWorld, type World } from '../../support/world.ts'

const ended = (patch: Partial<Scan> = {}): Scan => {
  const { next: _, ...scan } = runningScan({
    status: 'completed',
    step: 'done',
    ended_at: '2026-03-01T09:00:00.000Z',
    scanner_scan_id: 1,
    ...patch,
  })
  return scan
}

function atScanner(world: World, launched: boolean) {
  const made = world.scanner().add({ name: 'Weekly', description: '', marker: TASK, targets: '', template: 'basic' })
  if (launched) made.launchedAtMs = world.clock.ms
  return made
}

describe('fail', () => {
  test('ends the scan that waited for the event that died', async () => {
    const world = makeWorld()
    await world.put(runningScan({ next: 'dead-one' }))
    const data = { function: 'create', event: 'dead-one', attempts: 8, error: 'no route' }
    await world.emit('event.dead', data, { subject: TASK })
    await world.deliver('fail')
    expect(await world.scan(TASK)).toMatchObject({
      status: 'failed',
      failure: { step: 'create', message: 'no route', dead_letter: 'dead-one@create' },
    })
    expect(await world.services.scans.used('lab/one')).toBe(0)
  })

  test('leaves a scan alone that has gone on, or has ended', async () => {
    for (const scan of [runningScan({ next: 'another' }), ended()]) {
      const world = makeWorld()
      await world.put(scan)
      await world.emit('event.dead', { function: 'create', event: 'dead-one', error: 'x' }, { subject: TASK })
      expect(await world.deliver('fail')).toBe('settled')
      expect(await world.scan(TASK)).toEqual(scan)
    }
  })

  test('does not end a scan whose stop killed its workers: nobody knows that it has stopped', async () => {
    const world = makeWorld()
    await world.put(runningScan({ next: 'dead-one', step: 'stopping', stopping: { as: 'canceled', reason: 'r' } }))
    await world.emit('event.dead', { function: 'stop', event: 'dead-one', error: 'x' }, { subject: TASK })
    await world.deliver('fail')
    expect(await world.scan(TASK)).toMatchObject({
      status: 'running',
      step: 'stopping',
      trouble: { message: 'It could not be stopped: x' },
    })
    expect(await world.services.scans.used('lab/one')).toBe(1)
  })

  test.each(['launching', 'scanning'] as const)(
    'stops a scan first that may still run, and keeps its slot until it has: %s',
    async (step) => {
      const world = makeWorld()
      await world.put(
        runningScan({ next: 'dead-one', step, scanner_scan_id: 1, launched_at: '2026-03-01T08:00:00.000Z' }),
      )
      const made = atScanner(world, true)
      made.runMs = 1e9
      const data = { function: step === 'launching' ? 'launch' : 'poll', event: 'dead-one', error: 'odd' }
      await world.emit('event.dead', data, { subject: TASK })
      await world.deliver('fail')
      expect(await world.scan(TASK)).toMatchObject({ status: 'running', step: 'stopping', failure: { message: 'odd' } })
      expect(await world.services.scans.used('lab/one')).toBe(1)
      await world.pass(60_000)
      expect(world.scanner().phase(made)).toBe('canceled')
      expect(await world.scan(TASK)).toMatchObject({
        status: 'failed',
        failure: { step: data.function, message: 'odd' },
      })
      expect(await world.services.scans.used('lab/one')).toBe(0)
    },
  )
})

describe('clean-up', () => {
  test('stops what still runs, and deletes it after the retention time', async () => {
    const world = makeWorld({ limits: { scannerRetentionMs: 60_000 } })
    await world.put(ended({ status: 'failed', results_summary: {} }))
    const scan = atScanner(world, true)
    scan.runMs = 1e9
    await world.emit('scan.ended', { pool: 'lab' }, { subject: TASK })
    await world.settleDown()
    expect(scan.stopsAtMs).toBeDefined()
    expect(world.scanner().marked(TASK)).toHaveLength(1)
    await world.pass(61_000)
    expect(world.scanner().marked(TASK)).toEqual([])
  })

  test.each([
    ['of whose run our record knows nothing', {}],
    ['whose run was launched', { launched_at: '2026-03-01T08:00:00.000Z' }],
    [
      'whose export was given up',
      { scan_outcome: 'completed', failure: { step: 'export', message: 'm', remedy: 'r' } },
    ],
  ] as const)('leaves the only copy of a report that nobody has read, %s', async (_case, patch) => {
    const world = makeWorld({ limits: { scannerRetentionMs: 60_000 } })
    await world.put(ended({ status: 'failed', ...patch }))
    atScanner(world, true)
    await world.emit('scan.ended', { pool: 'lab' }, { subject: TASK })
    await world.settleDown()
    await world.pass(5 * 61_000)
    expect(world.scanner().marked(TASK)).toHaveLength(1)
    expect(world.server.delayed().map(({ event }) => event.type)).toEqual(['scan.clean-up-due'])
  })

  test('removes after the retention time what never ran, though there is no report', async () => {
    const world = makeWorld({ limits: { scannerRetentionMs: 60_000 } })
    await world.put(ended({ status: 'failed' }))
    atScanner(world, false)
    await world.emit('scan.ended', { pool: 'lab' }, { subject: TASK })
    await world.pass(61_000)
    expect(world.scanner().marked(TASK)).toEqual([])
  })

  test('stops a run that is paused too', async () => {
    const world = makeWorld()
    await world.put(ended({ status: 'failed' }))
    const scan = atScanner(world, true)
    Object.assign(scan, { runMs: 1e9, pausedAtMs: world.clock.ms })
    await world.emit('scan.ended', { pool: 'lab' }, { subject: TASK })
    await world.settleDown()
    expect(scan.stopsAtMs).toBeDefined()
  })

  test('takes away a twin that came before the scan whose id we know, unless it has run', async () => {
    for (const launched of [false, true]) {
      const world = makeWorld({ limits: { scannerRetentionMs: 1000 } })
      await world.put(ended({ scanner_scan_id: 2 }))
      atScanner(world, launched)
      atScanner(world, false)
      await world.emit('scan.ended', { pool: 'lab' }, { subject: TASK })
      await world.settleDown()
      await world.pass(2000)
      expect(
        world
          .scanner()
          .marked(TASK)
          .map(({ id }) => id),
      ).toEqual(launched ? [1] : [])
    }
  })

  test('leaves a copy that a person made, whatever its name', async () => {
    for (const name of [undefined, `Copy of Weekly [${TASK}]`]) {
      const world = makeWorld({ limits: { scannerRetentionMs: 1000 } })
      await world.put(ended())
      atScanner(world, false)
      const copy = atScanner(world, false)
      copy.name = name ?? copy.name
      await world.emit('scan.ended', { pool: 'lab' }, { subject: TASK })
      await world.settleDown()
      await world.pass(2000)
      expect(world.scanner().marked(TASK)).toEqual([copy])
    }
  })

  test('removes at once what a failed step made and nobody noted', async () => {
    const world = makeWorld()
    const { scanner_scan_id: _, ...scan } = ended({ status: 'failed' })
    await world.put(scan)
    atScanner(world, false)
    await world.emit('scan.ended', { pool: 'lab' }, { subject: TASK })
    await world.settleDown()
    expect(world.scanner().marked(TASK)).toEqual([])
  })

  test('leaves alone what people made, and what runs again after a replay', async () => {
    for (const scan of [ended({ origin: 'adopted' }), runningScan({ scanner_scan_id: 1 })]) {
      const world = makeWorld()
      await world.put(scan)
      atScanner(world, true)
      await world.emit('scan.ended', { pool: 'lab' }, { subject: TASK })
      await world.deliver('clean-up')
      expect(world.scanner().calls).toEqual([])
    }
  })

  test('removes nothing once the scan has been replayed meanwhile', async () => {
    const world = makeWorld()
    const { scanner_scan_id: _, ...scan } = ended({ status: 'failed' })
    await world.put(scan)
    atScanner(world, false)
    world.scanner().fault = async (method, moment) => {
      if (method !== 'state' || moment !== 'after') return
      const again = JSON.stringify({ ...runningScan(), revision: 2 })
      world.server.keyspace.apply([
        'HSET',
        world.services.scanKeys.scan(TASK),
        'rev',
        '2',
        'status',
        'running',
        'body',
        again,
      ])
    }
    await world.emit('scan.ended', { pool: 'lab' }, { subject: TASK })
    await world.deliver('clean-up')
    expect(world.scanner().marked(TASK)).toHaveLength(1)
  })

  test('a scan that is to be deleted goes with everything once it has ended', async () => {
    const world = makeWorld()
    await world.put(ended({ status: 'canceled', deleting: true }))
    atScanner(world, false)
    world.reports.texts.set(TASK, 'report')
    await world.emit('scan.ended', { pool: 'lab' }, { subject: TASK })
    await world.settleDown()
    expect(await world.services.scans.get(TASK)).toBeUndefined()
    expect(world.reports.texts.has(TASK)).toBe(false)
    expect(world.scanner().marked(TASK)).toEqual([])
  })
})

describe('forget', () => {
  const gone = { task_id: TASK, scanner: 'lab/one', scanner_scan_id: 1 }

  test('stops what runs first and comes back to remove it', async () => {
    const world = makeWorld()
    atScanner(world, true).runMs = 1e9
    await world.emit('scan.deleted', gone)
    expect(await world.deliver('forget')).toBe('retried')
    await world.pass(60_000)
    expect(world.scanner().marked(TASK)).toEqual([])
  })

  test('stops what runs though the disk takes nothing, and removes the files though the scanner is away', async () => {
    const world = makeWorld()
    const made = atScanner(world, true)
    made.runMs = 1e9
    const remove = () => Promise.reject(Object.assign(new Error('EROFS: read-only'), { code: 'EROFS' }))
    const stuck = { ...world.services, reports: { ...world.reports, remove } }
    await world.emit('scan.deleted', gone)
    const [delivery] = await world.bus.pull(new Map([['forget', 1]]))
    expect(await runDelivery(delivery!, world.runner(world.bus, { services: stuck }))).toBe('retried')
    world.clock.ms += 5000
    expect(world.scanner().phase(made)).toBe('canceled')

    const other = makeWorld()
    other.reports.texts.set(TASK, 'report')
    other.scanner().fault = () => {
      throw new ScannerAwayError('gone', { scanner: 'lab/one' })
    }
    await other.emit('scan.deleted', gone)
    expect(await other.deliver('forget')).toBe('retried')
    expect(other.reports.texts.has(TASK)).toBe(false)
  })

  test.each([
    ['has run', true, 1],
    ['has never run', false, 0],
  ])('of a scan that went by age, unread, keeps at the scanner what %s', async (_case, launched, left) => {
    const world = makeWorld()
    // Nothing in the record says that it was launched: the step that did so had died.
    await world.put(ended({ status: 'failed' }))
    world.server.keyspace.apply(['ZADD', world.services.scanKeys.accessed, '0', TASK])
    atScanner(world, launched)
    world.clock.ms += 2 * world.services.limits.failedTtlMs
    await world.emit('expire.due', {})
    await world.settleDown()
    expect(await world.services.scans.get(TASK)).toBeUndefined()
    expect(world.scanner().marked(TASK)).toHaveLength(left)
  })

  test('does nothing about scanners that left, or twice', async () => {
    const world = makeWorld()
    await world.emit('scan.deleted', { ...gone, scanner: 'lab/left' })
    await world.emit('scan.deleted', gone)
    expect(await world.deliver('forget')).toBe('settled')
    expect(await world.deliver('forget')).toBe('settled')
  })
})
