/**
 * What the scanner has of a run whose report nobody has read is the only copy of it: by age alone it is never
 * removed. Whether there was a run is asked of the scanner at that moment. Our record may not know of it: the step that
 * launched it may have died before it could say so, or the scan was given up before anyone had looked.
 */
import type { FoundScan } from '../../scanners/own-scan.ts'
import type { Scan } from '../../scans/record.ts'

/** Whether nobody has read the report of a scan of ours, if it has one. */
export function isUnread({ origin, results_summary: results }: Pick<Scan, 'origin' | 'results_summary'>): boolean {
  return origin === 'created' && results === undefined
}

/** Whether what was found at the scanner has run, so that there is a report to keep. */
export function hasRun(found: FoundScan): boolean {
  return (found.is === 'ours' || found.is === 'kept') && found.state.phase !== 'idle'
}
