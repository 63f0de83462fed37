/**
 * Stops a scan at its scanner and sees that it has stopped. Until that is seen the
 * scan runs, with its slot: it is never given up, but by an operator who names it.
 *
 *   scan.stop-requested → stop → scan.stop-requested (delayed, until it has) | scan.finished (what was found is exported) | scan.ended
 *
 * Safe to run twice: stopping what is stopped changes nothing.
 */
import { defined } from '../../lib/base/defined.ts'
import * as v from 'valibot'
import { scanFunction } from '../../lib/runtime/function.ts'
import { nothing, says } from '../../lib/runtime/outcome.ts'
import { claimOf } from '../../lib/scanners/claim-of.ts'
import { findOwn } from '../../lib/scanners/own-scan.ts'
import { removeOwn, whyLeft } from '../../lib/scan-work/end/remove-own.ts'
import { stuckInStopping } from '../../lib/scan-work/end/stuck-stop.ts'
import { scannerOf } from '../../lib/scanners/scanner-of.ts'
import { update } from '../../lib/scans/change.ts'

const LOOK_AGAIN_MS = 1000
const LOOK_AGAIN_MAX_MS = 15_000

export default scanFunction({
  name: 'stop',
  consumes: ['scan.stop-requested'],
  // Giving up on a stop would leave a scan running for ever, in a place that others would be given.
  retries: 'endless',
  input: v.object({ looks: v.optional(v.number(), 0), since: v.optional(v.string()) }),
  emits: {
    'scan.stop-requested': says(
      'The scan is to be stopped at its scanner, or it is time to look whether it has stopped.',
      { looks: v.number(), since: v.string() },
    ),
    'scan.finished': v.object({}),
    'scan.ended': v.object({ pool: v.string() }),
  },

  async run({ looks, since }, context) {
    const { scan, event, now } = context
    if (scan.next !== event.id || !scan.stopping) return nothing
    const ended = (note?: string) => ({
      scans: [
        update(scan, {
          status: scan.stopping!.as,
          step: 'done',
          ended_at: now.toISOString(),
          ...defined({ scanner_note: note }),
        }),
      ],
      emit: [{ type: 'scan.ended' as const, data: { pool: scan.scanner_pool } }],
    })
    // What people made on the scanner is never touched; we only stop following it.
    if (scan.origin !== 'created') return ended()
    const scanner = await scannerOf(scan, context)
    const our = { name: scan.name, marker: scan.task_id }
    // Its creation may have gone through without anyone having noted the id.
    const id = scan.scanner_scan_id ?? (await scanner.findMarked(our))[0]
    if (id === undefined) return ended()
    const claim = claimOf(scan, id)
    const looked = await findOwn(scanner, claim)
    const neverRan = looked.is === 'ours' && looked.state.phase === 'idle'
    // Where a step had failed, the clean-up takes away what never ran: its refusal must not keep the slot.
    const removes = neverRan && scan.stopping.as !== 'failed'
    // A launch that was under way may have come in between: then it runs, or has run, and is stopped like any other.
    const found = removes ? await removeOwn(scanner, claim, our, { keepsRun: true }) : looked
    if (found.is === 'gone' || found.is === 'foreign') return ended(whyLeft(found, claim))
    const { state } = found
    const seen = { scanner_scan_id: id, scanner_status: state.status, run_uuid: scan.run_uuid ?? state.runUuid }
    switch (state.phase) {
      case 'idle':
        return ended(whyLeft(found, claim))
      case 'completed':
      case 'aborted':
      case 'canceled':
        return {
          scans: [update(scan, { ...seen, step: 'exporting', scan_outcome: state.phase })],
          emit: [{ type: 'scan.finished', data: {} }],
        }
      case 'active':
      case 'paused': {
        if (found.is === 'kept') return ended(found.why)
        const begun = since ?? now.toISOString()
        const stuck = stuckInStopping(scan, state.status, { since: begun, now })
        await scanner.stop(found.scan, { kill: stuck.kill })
        return {
          scans: [update(scan, { ...seen, trouble: stuck.trouble })],
          emit: [
            {
              type: 'scan.stop-requested',
              data: { looks: looks + 1, since: begun },
              afterMs: Math.min(LOOK_AGAIN_MS * 1.5 ** looks, LOOK_AGAIN_MAX_MS),
            },
          ],
        }
      }
    }
  },
})
