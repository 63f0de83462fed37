/**
 * Ends a scan whose step was given up, or that its scanner lost, and says why.
 *
 *   event.dead, scan.lost → fail → scan.ended
 *
 * Safe to run twice: a scan that has ended, or that has gone on to another event, is left as it is.
 */
import * as v from 'valibot'
import { letterId } from '../../lib/bus/keys.ts'
import { scanFunction } from '../../lib/runtime/function.ts'
import { nothing } from '../../lib/runtime/outcome.ts'
import { remedyFor } from '../../lib/scans/remedies.ts'
import { update } from '../../lib/scans/change.ts'
import { hasEnded } from '../../lib/scans/states.ts'

export default scanFunction({
  name: 'fail',
  consumes: ['event.dead', 'scan.lost'],
  // Giving up on giving up would leave a scan running for ever.
  attemptsMax: Number.POSITIVE_INFINITY,
  input: v.object({
    function: v.optional(v.string()),
    event: v.optional(v.string()),
    error: v.optional(v.string()),
    reason: v.optional(v.string()),
    /** What to do, where whoever gave up knew. */
    remedy: v.optional(v.string()),
  }),
  emits: { 'scan.ended': v.object({ pool: v.string() }) },

  async run(dead, { scan, event, now }) {
    // A dead letter names the event that died; only the one the scan waited for ends it.
    const waitedFor = dead.event ?? event.id
    if (hasEnded(scan.status) || scan.next !== waitedFor) return nothing
    const message = dead.error ?? dead.reason ?? 'unknown'
    const step = dead.function ?? scan.step
    return {
      scans: [
        update(scan, {
          status: scan.stopping?.as ?? 'failed',
          step: 'done',
          ended_at: now.toISOString(),
          failure: {
            step,
            message,
            remedy: dead.remedy ?? remedyFor(step),
            ...(dead.function && dead.event ? { dead_letter: letterId(dead.event, dead.function) } : {}),
          },
        }),
      ],
      emit: [{ type: 'scan.ended', data: { pool: scan.scanner_pool } }],
    }
  },
})
