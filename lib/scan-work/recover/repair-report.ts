/**
 * Mends a report that was damaged or lost on disk, or never came whole, by
 * fetching it again from its scanner. The scan stays ended; one that had failed
 * for its report alone is completed by it.
 *
 *   M1. A report is left alone when it can be read and its digest is the recorded one.
 *   M2. Only the very run that was reported before is fetched: same scan, same marker where it is ours, same run.
 *   M3. What is fetched takes the place of the file only when it can be read. It is asked for a few times, and no more.
 */
import { PermanentError, Refusal } from '../../base/errors.ts'
import type { Bus } from '../../bus/bus.ts'
import { awaitExport } from '../../scanners/await-export.ts'
import type { ScannerRegistry } from '../../scanners/entry.ts'
import type { ReportFacts } from '../../reports/judge/report-facts.ts'
import type { Reports } from '../../reports/reports.ts'
import { claimOf } from '../../scanners/claim-of.ts'
import { findRun, type OwnRun } from '../../scanners/own-scan.ts'
import type { Scanner } from '../../scanners/scanner.ts'
import { compileChange, update } from '../../scans/change.ts'
import { type Scan, scannerKey } from '../../scans/record.ts'
import type { ScanKeys } from '../../scans/scan-keys.ts'
import type { Scans } from '../../scans/scans.ts'
import type { Snapshots } from '../../scans/snapshots.ts'
import { expectationOf } from '../../runtime/expectation-of.ts'
import { findScan } from '../show/find-scan.ts'
import { endOf } from '../end/end-of.ts'
import { EXPORTS_MAX } from '../end/fetch-again.ts'
import { judged } from '../end/report-fields.ts'

/** A scan that failed at one of these had ended well at its scanner. */
const FOR_ITS_REPORT = ['export', 'validate']

export interface RepairDeps {
  readonly bus: Bus
  readonly scans: Scans
  readonly scanKeys: ScanKeys
  readonly scanners: Pick<ScannerRegistry, 'find' | 'scanner'>
  readonly reports: Pick<Reports, 'replace' | 'build'>
  readonly snapshots: Pick<Snapshots, 'write'>
  readonly bytesMax: number
  readonly signal: AbortSignal
}

/** `sound` when there was nothing to mend. Throws Refusal, with the remedy, when the report cannot be had again. */
export async function repairReport(taskId: string, deps: RepairDeps): Promise<'sound' | 'repaired'> {
  const { bus, scanKeys, reports } = deps
  const scan = await findScan(taskId, deps)
  if (scan.ended_at === undefined) {
    throw refusal(scan, 'it has no report yet', 'A scan that is under way fetches its report by itself.')
  }
  let facts = await readable(scan, deps)
  if (facts && scan.results_summary !== undefined) return 'sound'
  if (!facts) {
    const sha256 = await fetchReadable(scan, deps)
    facts = await reports.build(taskId, expectationOf(scan, sha256))
  }
  // A run that was stopped because its scan had failed is no whole scan, however well its report can be read.
  const endedWell = scan.status === 'failed' && scan.scan_outcome !== 'canceled'
  const failedForIt = endedWell && FOR_ITS_REPORT.includes(scan.failure?.step ?? '')
  const ended = failedForIt
    ? { failure: undefined, stopping: undefined, ...endOf({ ...scan, stopping: undefined }) }
    : {}
  const change = update(scan, { ...judged(facts), ...ended, unreadable_exports: undefined }, { repair: true })
  if ((await bus.publish([], compileChange(change, scanKeys, bus.keys))) !== 'settled') {
    throw refusal(scan, 'somebody changed it meanwhile', 'Run the repair again.')
  }
  await deps.snapshots.write(change.after!)
  return 'repaired'
}

/** What the file on disk says, when it is the recorded one and can be read. */
async function readable(scan: Scan, { reports }: RepairDeps): Promise<ReportFacts | undefined> {
  if (!scan.native) return undefined
  try {
    return await reports.build(scan.task_id, expectationOf(scan, scan.native.sha256))
  } catch (error) {
    if (error instanceof PermanentError) return undefined
    throw error
  }
}

/** Fetches the report until it can be read; its digest. */
async function fetchReadable(scan: Scan, deps: RepairDeps): Promise<string> {
  const { scanner, run } = await sameRun(scan, deps)
  let problem = ''
  for (let tries = 0; tries < EXPORTS_MAX; tries++) {
    const bytes = await scanner.download(run, await awaitExport(scanner, run, deps.signal))
    try {
      return (await deps.reports.replace(scan.task_id, bytes, { bytesMax: deps.bytesMax })).sha256
    } catch (error) {
      if (!(error instanceof PermanentError) || error instanceof Refusal) throw error
      problem = error.message
    }
  }
  throw refusal(
    scan,
    `its scanner gave it ${EXPORTS_MAX} times, and it could not be read (${problem})`,
    'What is on disk was left as it is. Look at what stands between here and the scanner, then run the repair again.',
  )
}

/** The scan at its scanner, if it still is the run that the report was about. */
async function sameRun(scan: Scan, { scanners }: RepairDeps): Promise<{ scanner: Scanner; run: OwnRun }> {
  const key = scannerKey(scan)
  const id = scan.scanner_scan_id
  if (key === undefined || id === undefined || !scanners.find(key)) {
    throw refusal(scan, 'it is at no scanner that is configured', 'If there is a copy of the file, import it.')
  }
  const scanner = scanners.scanner(key)
  const found = await findRun(scanner, claimOf(scan))
  if (found.is !== 'ours') throw refusal(scan, found.why, 'If there is a copy of the file, import it.')
  return { scanner, run: found.run }
}

function refusal(scan: Scan, why: string, remedy: string): Refusal {
  return new Refusal('conflict', `The report of ${scan.task_id} cannot be fetched again: ${why}. ${remedy}`, {
    task_id: scan.task_id,
  })
}
