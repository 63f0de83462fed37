/**
 * Ends a scan whose step was given up, or that its scanner lost, and says why. One
 * that may still run at its scanner is stopped first, and keeps its slot until that
 * is confirmed.
 *
 *   event.dead, scan.lost → fail → scan.ended | scan.stop-requested (it may still run)
 *
 * Safe to run twice: a scan that has ended, or that has gone on to another event, is left as it is.
 */
import { defined } from '../../lib/base/defined.ts'
import * as v from 'valibot'
import { letterId } from '../../lib/bus/keys.ts'
import { scanFunction } from '../../lib/runtime/function.ts'
import { nothing } from '../../lib/runtime/outcome.ts'
import { update } from '../../lib/scans/change.ts'
import { otherwiseFor, remedyFor } from '../../lib/scans/course.ts'
import type { Scan } from '../../lib/scans/record.ts'
import { isFinal } from '../../lib/scans/states.ts'

export default scanFunction({
  name: 'fail',
  consumes: ['event.dead', 'scan.lost'],
  retries: 'endless',
  input: v.object({
    function: v.optional(v.string()),
    event: v.optional(v.string()),
    error: v.optional(v.string()),
    reason: v.optional(v.string()),
    /** What to do, where whoever gave up knew. */
    remedy: v.optional(v.string()),
    /** The same where there is nothing to replay. */
    otherwise: v.optional(v.string()),
    /** False where none was written: the caller's mistake. */
    letter: v.optional(v.boolean(), true),
  }),
  emits: { 'scan.ended': v.object({ pool: v.string() }), 'scan.stop-requested': v.object({ looks: v.number() }) },

  async run(dead, { scan, event, now }) {
    // A dead letter names the event that died; only the one the scan waited for ends it.
    const waitedFor = dead.event ?? event.id
    if (isFinal(scan.status) || scan.next !== waitedFor) return nothing
    const message = dead.error ?? dead.reason ?? 'unknown'
    const step = dead.function ?? scan.step
    const letter = dead.letter && dead.function && dead.event ? letterId(dead.event, dead.function) : undefined
    const otherwise = dead.otherwise ?? dead.remedy ?? otherwiseFor(step)
    const failure = {
      step,
      message,
      remedy: letter === undefined ? otherwise : (dead.remedy ?? remedyFor(step)),
      otherwise,
      ...defined({ dead_letter: letter }),
    }
    if (dead.function === 'stop') {
      // Its workers die of it. Not ended: nobody knows that it has stopped. The sweep has it tried again.
      const trouble = {
        since: now.toISOString(),
        with: 'scan' as const,
        message: `It could not be stopped: ${message}`,
      }
      return { scans: [update(scan, { trouble })] }
    }
    if (dead.function !== undefined && mayRun(scan)) {
      const stopping = scan.stopping ?? { as: 'failed' as const, reason: message }
      return {
        scans: [update(scan, { step: 'stopping', stopping, failure })],
        emit: [{ type: 'scan.stop-requested', data: { looks: 0 } }],
      }
    }
    return {
      scans: [
        update(scan, { status: scan.stopping?.as ?? 'failed', step: 'done', ended_at: now.toISOString(), failure }),
      ],
      emit: [{ type: 'scan.ended', data: { pool: scan.scanner_pool } }],
    }
  },
})

/** Launched, or perhaps launched, and not seen to have come to its end. What people made is not ours to stop. */
function mayRun({ origin, step, scanner_instance: instance }: Scan): boolean {
  return origin === 'created' && instance !== undefined && (step === 'launching' || step === 'scanning')
}
