/** Asking a scan to end: at once where it only waits, by way of its scanner where it runs. */
import * as v from 'valibot'
import { update, type ScanPatch } from '../scans/change.ts'
import type { Scan } from '../scans/record.ts'
import type { Outcome } from './outcome.ts'

export const stopEmits = {
  'scan.stop-requested': v.object({}),
  'scan.ended': v.object({ pool: v.string() }),
} as const

/** The changes and events that stop a queued or running scan; `also` is set in the same step. */
export function stopScan(scan: Scan, reason: string, now: Date, also: ScanPatch = {}): Outcome<typeof stopEmits> {
  const stopping = { as: 'canceled' as const, reason }
  if (scan.status === 'queued') {
    const ended = { status: 'canceled' as const, step: 'done' as const, ended_at: now.toISOString(), stopping }
    return {
      scans: [update(scan, { ...ended, ...also })],
      emit: [{ type: 'scan.ended', data: { pool: scan.scanner_pool }, subject: scan.task_id }],
    }
  }
  return {
    scans: [update(scan, { step: 'stopping', stopping, ...also })],
    emit: [{ type: 'scan.stop-requested', data: {}, subject: scan.task_id }],
  }
}
