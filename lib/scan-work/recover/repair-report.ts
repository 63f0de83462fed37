/**
 * Mends a report that was damaged or lost on disk, by fetching it again from its
 * scanner. The scan stays what it is: ended.
 *
 *   M1. A report whose digest is the recorded one is left alone.
 *   M2. Only the very run that was reported before is fetched: same scan, same marker where it is ours, same run.
 */
import { Refusal } from '../../base/errors.ts'
import type { Bus } from '../../bus/bus.ts'
import { awaitExport } from '../../scanners/await-export.ts'
import type { ScannerRegistry } from '../../scanners/entry.ts'
import { measureNative } from '../../reports/files/native-report.ts'
import { taskFolder } from '../../reports/files/task-folder.ts'
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
import { judged } from '../end/report-fields.ts'

export interface RepairDeps {
  readonly bus: Bus
  readonly scans: Scans
  readonly scanKeys: ScanKeys
  readonly scanners: Pick<ScannerRegistry, 'find' | 'scanner'>
  readonly reports: Pick<Reports, 'receive' | 'build'>
  readonly snapshots: Pick<Snapshots, 'write'>
  readonly dataDir: string
  readonly bytesMax: number
  readonly signal: AbortSignal
}

/** `sound` when there was nothing to mend. Throws Refusal, with the remedy, when the report cannot be had again. */
export async function repairReport(taskId: string, deps: RepairDeps): Promise<'sound' | 'repaired'> {
  const { bus, scanKeys, reports } = deps
  const scan = await findScan(taskId, deps)
  if (!scan.native || scan.ended_at === undefined) {
    throw refusal(scan, 'it has no report yet', 'A scan that is under way fetches its report by itself.')
  }
  if (await isSound(scan, deps.dataDir)) return 'sound'
  const { scanner, run } = await sameRun(scan, deps)
  const bytes = await scanner.download(run, await awaitExport(scanner, run, deps.signal))
  const { sha256 } = await reports.receive(taskId, bytes, { bytesMax: deps.bytesMax })
  const facts = await reports.build(taskId, expectationOf(scan, sha256))
  const change = update(scan, judged(facts))
  if ((await bus.publish([], compileChange(change, scanKeys, bus.keys))) !== 'settled') {
    throw refusal(scan, 'somebody changed it meanwhile', 'Run the repair again.')
  }
  await deps.snapshots.write(change.after!)
  return 'repaired'
}

async function isSound(scan: Scan, dataDir: string): Promise<boolean> {
  try {
    return (await measureNative(taskFolder(dataDir, scan.task_id))).sha256 === scan.native?.sha256
  } catch (error) {
    if (error instanceof Refusal && error.code === 'not_found') return false
    throw error
  }
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
