/** Asking a scan to end: at once where it only waits, by way of its scanner where it runs. */
import * as v from 'valibot'
import { update, type ScanPatch } from '../../scans/change.ts'
import type { Scan } from '../../scans/record.ts'
import type { Outcome } from '../../runtime/outcome.ts'

const stopRequested = { 'scan.stop-requested': v.object({}) } as const
const ended = { 'scan.ended': v.object({ pool: v.string() }) } as const
export const stopEmits = { running: stopRequested, waiting: ended } as const

/** Asks for a running scan to be stopped at its scanner; `also` is set in the same step. */
export function stopRunning(scan: Scan, reason: string, also: ScanPatch = {}): Outcome<typeof stopRequested> {
  return {
    scans: [update(scan, { step: 'stopping', stopping: { as: 'canceled', reason }, ...also })],
    emit: [{ type: 'scan.stop-requested', data: {}, subject: scan.task_id }],
  }
}

/** Takes a waiting scan out of its queue. */
export function cancelWaiting(scan: Scan, reason: string, now: Date): Outcome<typeof ended> {
  const stopping = { as: 'canceled' as const, reason }
  return {
    scans: [update(scan, { status: 'canceled', step: 'done', ended_at: now.toISOString(), stopping })],
    emit: [{ type: 'scan.ended', data: { pool: scan.scanner_pool }, subject: scan.task_id }],
  }
}
