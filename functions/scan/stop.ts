/**
 * Stops a scan at its scanner and sees that it has stopped.
 *
 *   scan.stop-requested → stop → scan.stop-requested (delayed, until it has) | scan.finished (what was found is exported) | scan.ended
 *
 * Safe to run twice: stopping what is stopped changes nothing.
 */
import * as v from 'valibot'
import { scanFunction } from '../../lib/runtime/function.ts'
import { nothing } from '../../lib/runtime/outcome.ts'
import { scannerOf } from '../../lib/scanners/scanner-of.ts'
import { update } from '../../lib/scans/change.ts'

const LOOK_AGAIN_MS = 1000
const LOOK_AGAIN_MAX_MS = 15_000

export default scanFunction({
  name: 'stop',
  consumes: ['scan.stop-requested'],
  input: v.object({ looks: v.optional(v.number(), 0) }),
  emits: {
    'scan.stop-requested': v.object({ looks: v.number() }),
    'scan.finished': v.object({}),
    'scan.ended': v.object({ pool: v.string() }),
  },

  async run({ looks }, context) {
    const { scan, event, now } = context
    if (scan.next !== event.id || !scan.stopping) return nothing
    const ended = {
      scans: [update(scan, { status: scan.stopping.as, step: 'done', ended_at: now.toISOString() })],
      emit: [{ type: 'scan.ended' as const, data: { pool: scan.scanner_pool } }],
    }
    // What people made on the scanner is never touched; we only stop following it.
    if (scan.origin !== 'created') return ended
    const scanner = scannerOf(scan, context)
    // Its creation may have gone through without anyone having noted the id.
    const id = scan.scanner_scan_id ?? (await scanner.findByMarker(scan.task_id))
    const state = id === undefined ? undefined : await scanner.state(id)
    if (id === undefined || !state) return ended
    const known = update(scan, { scanner_scan_id: id, scanner_status: state.status })
    switch (state.phase) {
      case 'idle':
        await scanner.remove(id)
        return ended
      case 'completed':
      case 'aborted':
      case 'canceled':
        return {
          scans: [update(scan, { scanner_scan_id: id, step: 'exporting', scan_outcome: state.phase })],
          emit: [{ type: 'scan.finished', data: {} }],
        }
      case 'active':
      case 'paused':
        await scanner.stop(id)
        return {
          scans: [known],
          emit: [
            {
              type: 'scan.stop-requested',
              data: { looks: looks + 1 },
              afterMs: Math.min(LOOK_AGAIN_MS * 1.5 ** looks, LOOK_AGAIN_MAX_MS),
            },
          ],
        }
    }
  },
})
