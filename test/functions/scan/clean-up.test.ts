/** clean-up: what is left at the scanner after a scan, and what is not ours to touch. */
import { describe, expect, test } from 'vitest'
import { endedScan, runningScan, TASK } from '../../support/scan-record.ts'
import { makeWorld } from '../../support/world.ts'
import { atScanner } from '../../runtime/support/waiting-for.ts'

describe('clean-up', () => {
  test('stops what still runs, and deletes it after the retention time', async () => {
    const world = makeWorld({ limits: { scannerRetentionMs: 60_000 } })
    await world.put(endedScan({ status: 'failed', results_summary: {} }))
    const scan = atScanner(world)
    scan.runMs = 1e9
    await world.emit('scan.ended', { pool: 'lab' }, { subject: TASK })
    await world.settleDown()
    expect(scan.stopsAtMs).toBeDefined()
    expect(world.scanner().marked(TASK)).toHaveLength(1)
    await world.pass(61_000)
    expect(world.scanner().marked(TASK)).toEqual([])
  })

  test('with a retention time of 0 leaves the scan there until it is deleted here', async () => {
    const world = makeWorld({ limits: { scannerRetentionMs: 0 } })
    await world.put(endedScan({ results_summary: {} }))
    atScanner(world)
    await world.emit('scan.ended', { pool: 'lab' }, { subject: TASK })
    await world.pass(120_000)
    expect(world.scanner().marked(TASK)).toHaveLength(1)
    await world.call('delete_scan', { task_id: TASK })
    await world.settleDown()
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
    await world.put(endedScan({ status: 'failed', ...patch }))
    atScanner(world)
    await world.emit('scan.ended', { pool: 'lab' }, { subject: TASK })
    await world.settleDown()
    await world.pass(5 * 61_000)
    expect(world.scanner().marked(TASK)).toHaveLength(1)
    expect(world.server.delayed().map(({ event }) => event.type)).toEqual(['scan.clean-up-due'])
  })

  test('removes after the retention time what never ran, though there is no report', async () => {
    const world = makeWorld({ limits: { scannerRetentionMs: 60_000 } })
    await world.put(endedScan({ status: 'failed' }))
    atScanner(world, { launched: false })
    await world.emit('scan.ended', { pool: 'lab' }, { subject: TASK })
    await world.pass(61_000)
    expect(world.scanner().marked(TASK)).toEqual([])
  })

  test('stops a run that is paused too', async () => {
    const world = makeWorld()
    await world.put(endedScan({ status: 'failed' }))
    const scan = atScanner(world)
    Object.assign(scan, { runMs: 1e9, pausedAtMs: world.clock.ms })
    await world.emit('scan.ended', { pool: 'lab' }, { subject: TASK })
    await world.settleDown()
    expect(scan.stopsAtMs).toBeDefined()
  })

  test('takes away a twin that came before the scan whose id we know, unless it has run', async () => {
    for (const launched of [false, true]) {
      const world = makeWorld({ limits: { scannerRetentionMs: 1000 } })
      await world.put(endedScan({ scanner_scan_id: 2 }))
      atScanner(world, { launched })
      atScanner(world, { launched: false })
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

  test("leaves a twin whose run has ended: what it found is nobody else's", async () => {
    const world = makeWorld({ limits: { scannerRetentionMs: 60_000 } })
    await world.put(endedScan({ scanner_scan_id: 2, results_summary: {} }))
    atScanner(world).runMs = 1000
    atScanner(world, { launched: false })
    await world.emit('scan.ended', { pool: 'lab' }, { subject: TASK })
    await world.pass(61_000)
    expect(
      world
        .scanner()
        .marked(TASK)
        .map(({ id }) => id),
    ).toEqual([1])
  })

  test('leaves a copy that a person made, whatever its name', async () => {
    for (const name of [undefined, `Copy of Weekly [${TASK}]`]) {
      const world = makeWorld({ limits: { scannerRetentionMs: 1000 } })
      await world.put(endedScan())
      atScanner(world, { launched: false })
      const copy = atScanner(world, { launched: false })
      copy.name = name ?? copy.name
      await world.emit('scan.ended', { pool: 'lab' }, { subject: TASK })
      await world.settleDown()
      await world.pass(2000)
      expect(world.scanner().marked(TASK)).toEqual([copy])
    }
  })

  test('removes at once what a failed step made and nobody noted', async () => {
    const world = makeWorld()
    const { scanner_scan_id: _, ...scan } = endedScan({ status: 'failed' })
    await world.put(scan)
    atScanner(world, { launched: false })
    await world.emit('scan.ended', { pool: 'lab' }, { subject: TASK })
    await world.settleDown()
    expect(world.scanner().marked(TASK)).toEqual([])
  })

  test('leaves alone what people made, and what runs again after a replay', async () => {
    for (const scan of [endedScan({ origin: 'adopted' }), runningScan({ scanner_scan_id: 1 })]) {
      const world = makeWorld()
      await world.put(scan)
      atScanner(world)
      await world.emit('scan.ended', { pool: 'lab' }, { subject: TASK })
      await world.deliver('clean-up')
      expect(world.scanner().calls).toEqual([])
    }
  })

  test('removes nothing once the scan has been replayed meanwhile', async () => {
    const world = makeWorld()
    const { scanner_scan_id: _, ...scan } = endedScan({ status: 'failed' })
    await world.put(scan)
    atScanner(world, { launched: false })
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
    await world.put(endedScan({ status: 'canceled', deleting: true }))
    atScanner(world, { launched: false })
    world.reports.texts.set(TASK, 'report')
    await world.emit('scan.ended', { pool: 'lab' }, { subject: TASK })
    await world.settleDown()
    expect(await world.services.scans.get(TASK)).toBeUndefined()
    expect(world.reports.texts.has(TASK)).toBe(false)
    expect(world.scanner().marked(TASK)).toEqual([])
  })
})
