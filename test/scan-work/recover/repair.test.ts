/** Goal: a report is whole or it is fetched again, and what cannot be read never takes the place of what is there. */
import { readFile, truncate } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { repairReport } from '../../../lib/scan-work/recover/repair-report.ts'
import { judged } from '../../../lib/scan-work/end/report-fields.ts'
import { compileChange, update } from '../../../lib/scans/change.ts'
import type { Scan } from '../../../lib/scans/record.ts'
import type { Reports } from '../../../lib/reports/reports.ts'
import { openWorkshop, type Workshop } from '../../reports/support/workshop.ts'
import { writtenReport } from '../../reports/support/written-report.ts'
import { atScanner, scanning } from '../../runtime/support/waiting-for.ts'
import { TASK } from '../../support/scan-record.ts'
import { makeWorld, type World } from '../../support/world.ts'

const WHOLE = writtenReport([{ name: 'h', items: [{ severity: 3 }] }])
/** What has come in place of a report. */
const BROKEN: [string, string][] = [
  ['cut short', WHOLE.slice(0, -20)],
  ['a web page', '<!doctype html><html><body>502 Bad Gateway</body></html>'],
  ['empty', ''],
  ['something else', '{"error":"try again"}'],
]

async function* bytesOf(text: string) {
  yield Buffer.from(text)
}

/** An ended scan whose file on disk is `text`, as it came, at a scanner that answers with `answers` in turn. */
async function given(workshop: Workshop, text: string, answers: string[], patch: Partial<Scan> = {}) {
  const world = makeWorld({ report: () => answers.shift() ?? WHOLE })
  const { sizeBytes, sha256 } = await workshop.reports.receive(TASK, bytesOf(text), { bytesMax: 1_000_000 })
  atScanner(world)
  const { next: _, ...scan } = scanning({
    status: 'completed',
    step: 'done',
    scan_outcome: 'completed',
    ended_at: '2026-03-01T09:00:00.000Z',
    native: { size_bytes: sizeBytes, sha256 },
    ...patch,
  })
  const run = await world.scanner().state(1)
  await world.put({ ...scan, run_uuid: run!.runUuid! })
  return world
}

const repair = (world: World, workshop: Workshop) =>
  repairReport(TASK, {
    ...world.services,
    bus: world.bus,
    reports: workshop.reports,
    snapshots: { write: async () => true },
    bytesMax: 1_000_000,
    signal: new AbortController().signal,
  } as unknown as Parameters<typeof repairReport>[1])

const fileOf = (workshop: Workshop) => readFile(join(workshop.dataDir, TASK, 'scan_native.nessus'), 'utf8')

test.each(BROKEN)(
  'a report that came %s is fetched anew, though its digest is the recorded one (M1)',
  async (_, text) => {
    await using workshop = await openWorkshop()
    const failure = { step: 'validate', message: 'unreadable', remedy: '' }
    const world = await given(workshop, text, [], { status: 'failed', failure })
    expect(await repair(world, workshop)).toBe('repaired')
    expect(await fileOf(workshop)).toBe(WHOLE)
    const scan = await world.scan(TASK)
    expect(scan).toMatchObject({ status: 'completed', results_summary: { hosts_scanned: 1 } })
    expect(scan.failure).toBeUndefined()
  },
)

test.each(BROKEN)(
  'what comes again %s is asked for three times, and leaves the file as it was (M3)',
  async (_, text) => {
    await using workshop = await openWorkshop()
    const world = await given(workshop, WHOLE, [text, text, text, text])
    const damaged = WHOLE.length - 30
    await truncate(join(workshop.dataDir, TASK, 'scan_native.nessus'), damaged)
    await expect(repair(world, workshop)).rejects.toMatchObject({
      code: 'conflict',
      message: expect.stringMatching(/its scanner gave it 3 times, and it could not be read/),
    })
    expect(await fileOf(workshop)).toBe(WHOLE.slice(0, damaged))
  },
)

test('a whole report is taken from among broken ones', async () => {
  await using workshop = await openWorkshop()
  const world = await given(workshop, '', ['', WHOLE])
  expect(await repair(world, workshop)).toBe('repaired')
  expect(await fileOf(workshop)).toBe(WHOLE)
})

test('a later run of the same scan is not taken for the one that was reported (M2)', async () => {
  await using workshop = await openWorkshop()
  const world = await given(workshop, '', [])
  const record = await world.scan(TASK)
  const change = update(record, { run_uuid: 'the run that was reported' }, { repair: true })
  world.server.commit(compileChange(change, world.services.scanKeys, world.server.keys), [])
  await expect(repair(world, workshop)).rejects.toMatchObject({ code: 'conflict' })
  expect(await fileOf(workshop)).toBe('')
})

test('a report that is sound asks nothing of the scanner (M1)', async () => {
  await using workshop = await openWorkshop()
  await workshop.reports.receive(TASK, bytesOf(WHOLE), { bytesMax: 1_000_000 })
  const facts = await workshop.reports.build(TASK)
  const world = await given(workshop, WHOLE, [], judged(facts) as Partial<Scan>)
  world.scanner().calls.length = 0
  expect(await repair(world, workshop)).toBe('sound')
  expect(world.scanner().calls).toEqual([])
})

test('a scan that failed for another reason stays failed, with its report', async () => {
  await using workshop = await openWorkshop()
  const failure = { step: 'poll', message: 'lost', remedy: '' }
  const world = await given(workshop, '', [], { status: 'failed', failure })
  expect(await repair(world, workshop)).toBe('repaired')
  expect(await world.scan(TASK)).toMatchObject({ status: 'failed', failure, results_summary: { hosts_scanned: 1 } })
})

test('nothing is cleaned up at the scanner while its report was never read, not by age either', async () => {
  const retention = { scannerRetentionMs: 60_000 }
  const ended = { status: 'failed', step: 'done', ended_at: '2026-03-01T08:00:00.000Z' } as const
  const kept = async (patch: Partial<Scan>) => {
    const world = makeWorld({ limits: retention })
    const made = atScanner(world)
    made.runMs = 1000
    const { next: _, ...scan } = scanning({ ...ended, ...patch })
    await world.put(scan)
    await world.emit('scan.ended', { pool: 'lab' }, { subject: TASK })
    await world.pass(300_000)
    const afterRetention = world.scanner().marked(TASK).length
    world.clock.ms += 40 * 86_400_000
    await world.emit('expire.due', {})
    await world.settleDown()
    expect(await world.services.scans.get(TASK)).toBeUndefined()
    return [afterRetention, world.scanner().marked(TASK).length]
  }
  expect(await kept({})).toEqual([1, 1])
  expect(await kept({ results_summary: {} })).toEqual([0, 0])
})

/** How a scan ends whose report is WHOLE, where results may have so many bytes; and what is kept of it. */
async function endedUnder(bytesMax: number) {
  await using workshop = await openWorkshop()
  // The limit of imports is another: it must not stand in for that of results.
  const world = makeWorld({ report: () => WHOLE, limits: { resultBytesMax: bytesMax, importBytesMax: 10 } })
  const { reports } = workshop
  const real: Partial<Reports> = {
    receive: (...args) => reports.receive(...args),
    build: (...args) => reports.build(...args),
  }
  Object.assign(world.services.reports, real)
  await world.put(scanning({ step: 'exporting', scan_outcome: 'completed', next: 'the-event' }))
  atScanner(world)
  await world.emit('scan.finished', {}, { subject: TASK, id: 'the-event' })
  await world.pass(60_000)
  return { scan: await world.scan(TASK), kept: await fileOf(workshop).catch(() => 'nothing') }
}

test('a report above the size limit is given up and not kept, one at the limit is read', async () => {
  const fits = await endedUnder(WHOLE.length)
  expect(fits).toMatchObject({ scan: { status: 'completed' }, kept: WHOLE })
  const large = await endedUnder(WHOLE.length - 1)
  expect(large).toMatchObject({ scan: { status: 'failed' }, kept: 'nothing' })
  expect(large.scan.failure?.message).toMatch(/larger than \d+ bytes/)
})
