/**
 * Reads the exported report once, builds the findings store, and judges it: did
 * the credentials work, was everything seen that should have been.
 *
 *   report.exported → validate → scan.ended | scan.finished (delayed: it cannot be read, so another export is asked for)
 *
 * Safe to run twice: the store depends on the file alone and replaces itself whole.
 */
import * as v from 'valibot'
import { expectationOf } from '../../lib/runtime/expectation-of.ts'
import { scanFunction } from '../../lib/runtime/function.ts'
import type { ReportFacts } from '../../lib/reports/judge/report-facts.ts'
import { endOf } from '../../lib/scan-work/end/end-of.ts'
import { fetchAgain, fetchAgainEmits } from '../../lib/scan-work/end/fetch-again.ts'
import { judged, reportsOwn } from '../../lib/scan-work/end/report-fields.ts'
import { nothing, says } from '../../lib/runtime/outcome.ts'
import { update } from '../../lib/scans/change.ts'

export default scanFunction({
  name: 'validate',
  consumes: ['report.exported'],
  // Each parse may hold tens of megabytes for a while.
  concurrency: 2,
  input: v.object({ sha256: v.string() }),
  emits: {
    'scan.ended': says('The scan has ended, one way or the other, and its slot is free.', { pool: v.string() }),
    ...fetchAgainEmits,
  },

  async run({ sha256 }, { scan, reports, event, now }) {
    if (scan.next !== event.id) return nothing
    let facts: ReportFacts
    try {
      facts = await reports.build(scan.task_id, expectationOf(scan, sha256))
    } catch (error) {
      return fetchAgain(scan, error, now)
    }
    return {
      scans: [
        update(scan, {
          ...endOf(scan),
          step: 'done',
          progress: 100,
          ended_at: now.toISOString(),
          ...judged(facts),
          ...(scan.origin === 'adopted' ? reportsOwn(facts, now) : {}),
        }),
      ],
      emit: [{ type: 'scan.ended', data: { pool: scan.scanner_pool } }],
    }
  },
})
