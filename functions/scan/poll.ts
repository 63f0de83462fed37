/**
 * Looks at a running scan: soon after its launch and then ever less often, up to
 * the poll interval.
 *
 *   scan.launched, scan.poll-due → poll → scan.poll-due (delayed) | scan.finished | scan.stop-requested | scan.lost
 *
 * Safe to run twice: it only reads from the scanner, and only the event that the
 * scan waits for leads to a next one. A poll is not an attempt: each is an event of its own.
 */
import * as v from 'valibot'
import { scanFunction } from '../../lib/runtime/function.ts'
import { nothing, says } from '../../lib/runtime/outcome.ts'
import { claimOf } from '../../lib/scanners/claim-of.ts'
import { findRun, NotOursError } from '../../lib/scanners/own-scan.ts'
import type { ScanState } from '../../lib/scanners/scan-state.ts'
import { scannerOf } from '../../lib/scanners/scanner-of.ts'
import { notesHeard } from '../../lib/scan-work/end/notes-heard.ts'
import { update } from '../../lib/scans/change.ts'
import type { Scan } from '../../lib/scans/record.ts'

const FIRST_POLL_MS = 500

export default scanFunction({
  name: 'poll',
  consumes: ['scan.launched', 'scan.poll-due'],
  concurrency: 50,
  input: v.object({}),
  emits: {
    'scan.poll-due': says('It is time to look at the running scan.'),
    'scan.finished': says('The scanner has finished the scan, or stopped it; there may be something to export.'),
    'scan.stop-requested': v.object({}),
    'scan.lost': says('The scanner no longer knows the scan.', { reason: v.string(), remedy: v.string() }),
  },

  async run(_data, context) {
    const { scan, limits, event, now } = context
    if (scan.next !== event.id) return nothing
    const found = await findRun(await scannerOf(scan, context), claimOf(scan))
    if (found.is === 'foreign') throw new NotOursError(found)
    if (found.is === 'gone') {
      return {
        scans: [update(scan, { scanner_status: 'gone' })],
        emit: [{ type: 'scan.lost', data: { reason: `${found.why} while it ran`, remedy: found.remedy } }],
      }
    }
    const { state } = found
    const seen = heard(scan, state)
    if (state.phase === 'completed' || state.phase === 'aborted' || state.phase === 'canceled') {
      const stopping = { as: 'canceled' as const, reason: 'stopped at the scanner, by a person or by its schedule' }
      return {
        scans: [
          update(scan, {
            ...seen,
            step: 'exporting',
            scan_outcome: state.phase,
            ...(state.phase === 'canceled' ? { stopping } : { progress: 100 }),
          }),
        ],
        emit: [{ type: 'scan.finished', data: {} }],
      }
    }
    const elapsedMs = now.getTime() - Date.parse(scan.launched_at!)
    if (elapsedMs > limits.scanTimeoutMs) {
      const reason = `it ran longer than the limit of ${limits.scanTimeoutMs / 3_600_000} hours`
      return {
        scans: [update(scan, { ...seen, step: 'stopping', stopping: { as: 'timeout', reason } })],
        emit: [{ type: 'scan.stop-requested', data: {} }],
      }
    }
    const afterMs = Math.min(limits.pollIntervalMs, Math.max(FIRST_POLL_MS, elapsedMs / 5))
    return { scans: [update(scan, seen)], emit: [{ type: 'scan.poll-due', data: {}, afterMs }] }
  },
})

/** What is kept of a look. The scanner's own progress may go backwards as hosts are found; what people see does not. */
function heard(scan: Scan, state: ScanState) {
  return {
    scanner_status: state.status,
    hosts_found: state.hosts,
    progress: Math.max(scan.progress ?? 0, Math.min(99, state.progress ?? 0)),
    run_uuid: scan.run_uuid ?? state.runUuid,
    ...notesHeard(state),
  }
}
