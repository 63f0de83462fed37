/**
 * Looks for scans with results that the ledger has no record of: those of before there was one, those of a rebuild, and those
 * whose record was damaged or whose report was fetched again.
 *
 *   expire.due → catch-up → ledger.due (one per scan)
 *
 * Safe to run twice: a scan that is entered twice is there once.
 */
import * as v from 'valibot'
import { upkeepFunction } from '../../lib/runtime/function.ts'
import { nothing, says } from '../../lib/runtime/outcome.ts'
import { resultsAvailable } from '../../lib/scan-work/show/status-view.ts'

/** Of one look: the next one finds the rest. */
const SCANS_MAX = 500

export default upkeepFunction({
  name: 'catch-up',
  consumes: ['expire.due'],
  input: v.object({ skip: v.optional(v.number(), 0) }),
  emits: { 'ledger.due': says('A scan with results is to be entered in the ledger.') },

  async run({ skip }, { scans, reports }) {
    // A further turn of what removes old scans.
    if (skip > 0) return nothing
    const { scans: found } = await scans.list({ matches: resultsAvailable, limit: Infinity })
    const known = found.map(({ task_id, name, native }) => ({ task_id, name, sha256: native?.sha256 }))
    const missing = await reports.ledger.notEntered(known)
    return {
      emit: missing
        .slice(0, SCANS_MAX)
        .map(({ task_id: subject }) => ({ type: 'ledger.due' as const, data: {}, subject })),
    }
  },
})
