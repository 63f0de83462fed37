/** What is left of a deleted scan for the scanner to forget. */
import * as v from 'valibot'
import { scannerKey, type Scan } from '../../scans/record.ts'
import { says } from '../../runtime/outcome.ts'
import { isUnread } from './unread-report.ts'

export const Deleted = says('The record of the scan is gone; what is left at its scanner may go too.', {
  task_id: v.string(),
  /** Absent when there is nothing of ours at a scanner. */
  scanner: v.optional(v.string()),
  scanner_scan_id: v.optional(v.number()),
  /** By what it is known there. */
  name: v.optional(v.string()),
  made_there: v.optional(
    v.object({ name: v.optional(v.string()), uuid: v.optional(v.string()), server_uuid: v.optional(v.string()) }),
  ),
  own_run: v.optional(v.string()),
  /** It goes by age alone, and nobody has read its report: if it has run, what the scanner has of it stays. */
  unread: v.optional(v.boolean()),
})

/** The event that tells of a deleted scan. About no scan: there is no record any more. */
export function leftAtScanner(scan: Scan) {
  const { task_id, name, made_there, run_uuid: own_run } = scan
  const atScanner = { scanner: scannerKey(scan), scanner_scan_id: scan.scanner_scan_id, name, made_there, own_run }
  const known = Object.fromEntries(Object.entries(atScanner).filter(([, value]) => value !== undefined))
  const ours = scan.origin === 'created' ? known : {}
  return { type: 'scan.deleted' as const, data: { task_id, ...ours }, subject: null }
}

/** The same of a scan that goes by age: nobody asked for it, so the only copy of a report stays. */
export function leftByAge(scan: Scan) {
  const left = leftAtScanner(scan)
  return isUnread(scan) ? { ...left, data: { ...left.data, unread: true } } : left
}
