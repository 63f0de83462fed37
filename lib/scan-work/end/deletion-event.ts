/** What is left of a deleted scan for the scanner to forget. */
import * as v from 'valibot'
import { scannerKey, type Scan } from '../../scans/record.ts'

export const Deleted = v.object({
  task_id: v.string(),
  /** Absent when there is nothing of ours at a scanner. */
  scanner: v.optional(v.string()),
  scanner_scan_id: v.optional(v.number()),
})

/** The event that tells of a deleted scan. About no scan: there is no record any more. */
export function leftAtScanner(scan: Scan) {
  const ours = scan.origin === 'created' ? { scanner: scannerKey(scan), scanner_scan_id: scan.scanner_scan_id } : {}
  return { type: 'scan.deleted' as const, data: { task_id: scan.task_id, ...ours }, subject: null }
}
