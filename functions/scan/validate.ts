/**
 * Reads the exported report once, builds the findings store, and judges it: did
 * the credentials work, was everything seen that should have been.
 *
 *   report.exported → validate → scan.ended
 *
 * Safe to run twice: the store depends on the file alone and replaces itself whole.
 */
import * as v from 'valibot'
import { expectationOf } from '../../lib/runtime/expectation-of.ts'
import { scanFunction } from '../../lib/runtime/function.ts'
import { judged } from '../../lib/scan-work/end/report-fields.ts'
import { nothing } from '../../lib/runtime/outcome.ts'
import { update } from '../../lib/scans/change.ts'
import type { Scan } from '../../lib/scans/record.ts'
import type { Status } from '../../lib/scans/states.ts'

export default scanFunction({
  name: 'validate',
  consumes: ['report.exported'],
  // Each parse may hold tens of megabytes for a while.
  concurrency: 2,
  input: v.object({ sha256: v.string() }),
  emits: { 'scan.ended': v.object({ pool: v.string() }) },

  async run({ sha256 }, { scan, reports, event, now }) {
    if (scan.next !== event.id) return nothing
    const facts = await reports.build(scan.task_id, expectationOf(scan, sha256))
    return {
      scans: [
        update(scan, {
          ...endOf(scan),
          step: 'done',
          progress: 100,
          ended_at: now.toISOString(),
          ...judged(facts),
        }),
      ],
      emit: [{ type: 'scan.ended', data: { pool: scan.scanner_pool } }],
    }
  },
})

/** A run that its scanner aborted is no success, though what it found can be read. */
function endOf(scan: Scan): { status: Status; failure?: Scan['failure'] } {
  if (scan.stopping) return { status: scan.stopping.as }
  if (scan.scan_outcome !== 'aborted') return { status: 'completed' }
  return {
    status: 'failed',
    failure: {
      step: 'poll',
      message: 'the scanner aborted the scan; what it had found until then can be read with get_scan_results',
      remedy: 'Look at the scanner for the reason (licence limit, restart, lost network), then start the scan again.',
    },
  }
}
