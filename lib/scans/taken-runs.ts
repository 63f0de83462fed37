/**
 * Which runs at scanners have been taken in, so that each is taken once: whoever takes, by hand or by schedule, in however
 * many workers, across restarts.
 *
 *   TR1. A scan of a run begins together with the run's entry, in one settle that is guarded by the entry being as it was read.
 *   TR2. The entry names the scan that has the run. It stays when that scan is deleted: what somebody deleted, or what
 *        became old, is not brought back by a schedule. Whoever asks for the run by name may have it again.
 *   TR3. A run is known by the installation of Nessus and its own uuid; where either is not told, by our name of the scanner,
 *        and by the ids of scan and run.
 *   TR4. The record says all of it, and so does its snapshot: a rebuild writes the entries anew.
 */
import type { Guard, Write } from '../bus/transaction.ts'
import { scannerKey, type Scan } from './record.ts'
import type { ScanKeys } from './scan-keys.ts'

export interface RunPlace {
  /** Hash of the runs of one installation. */
  readonly key: string
  /** The run in it. */
  readonly field: string
}

/** What is told of a run at a scanner. */
export interface RunTold {
  /** `pool/instance`. */
  readonly scanner: string
  readonly serverUuid?: string | undefined
  readonly scanId: number
  readonly runUuid?: string | undefined
  readonly historyId?: number | undefined
}

/** Where a run is noted; `undefined` where too little is told of it to know it again. */
export function runPlace(told: RunTold, keys: ScanKeys): RunPlace | undefined {
  const { scanner, serverUuid, scanId, runUuid, historyId } = told
  const field = runUuid ?? (historyId === undefined ? undefined : `${scanId}/${historyId}`)
  if (field === undefined) return undefined
  return { key: keys.taken((serverUuid ?? scanner).toLowerCase()), field: field.toLowerCase() }
}

/** Where the run of a taken-in scan is noted. */
export function placeOfScan(scan: Scan, keys: ScanKeys): RunPlace | undefined {
  const scanner = scannerKey(scan)
  if (scan.origin !== 'adopted' || scanner === undefined || scan.scanner_scan_id === undefined) return undefined
  return runPlace(
    {
      scanner,
      serverUuid: scan.made_there?.server_uuid,
      scanId: scan.scanner_scan_id,
      runUuid: scan.run_uuid,
      historyId: scan.run_history_id,
    },
    keys,
  )
}

/** Notes the run of a scan, which may become known only while it is followed. */
export function takenWrites(before: Scan | undefined, after: Scan | undefined, keys: ScanKeys): Write[] {
  const place = after && placeOfScan(after, keys)
  if (!after || !place) return []
  const was = before && placeOfScan(before, keys)
  if (was && was.key === place.key && was.field === place.field) return []
  return [['HSET', place.key, place.field, after.task_id]]
}

/** That nobody took the run meanwhile: `had` is the scan that had it as it was read. */
export function takenGuards(scan: Scan, had: string | undefined, keys: ScanKeys): Guard[] {
  const place = placeOfScan(scan, keys)
  return place ? [{ if: 'field', key: place.key, field: place.field, is: had ?? '', else: 'stale' }] : []
}
