/**
 * Looks after what an ended scan leaves at its scanner: stops it if it still
 * runs, and deletes it there after the retention time. Only ever what we created.
 *
 *   scan.ended, scan.clean-up-due → clean-up → scan.clean-up-due (delayed) | scan.deleted (was to be deleted once it had ended)
 *
 * Safe to run twice: stopping and deleting again change nothing.
 */
import * as v from 'valibot'
import { scanFunction } from '../../lib/runtime/function.ts'
import { nothing } from '../../lib/runtime/outcome.ts'
import { scannerOf } from '../../lib/scanners/scanner-of.ts'
import { Deleted, leftAtScanner } from '../../lib/scan-work/end/deletion-event.ts'
import { removeMarked } from '../../lib/scan-work/end/remove-marked.ts'
import { erase, update } from '../../lib/scans/change.ts'
import { hasEnded } from '../../lib/scans/states.ts'

export default scanFunction({
  name: 'clean-up',
  consumes: ['scan.ended', 'scan.clean-up-due'],
  input: v.object({}),
  emits: { 'scan.clean-up-due': v.object({}), 'scan.deleted': Deleted },

  async run(_data, context) {
    const { scan, limits, event } = context
    // A replayed scan runs again: its end will come round once more.
    if (!hasEnded(scan.status)) return nothing
    if (scan.deleting) {
      return { scans: [erase(scan)], emit: [leftAtScanner(scan)] }
    }
    if (scan.origin !== 'created' || scan.scanner_instance === undefined) return nothing
    const scanner = scannerOf(scan, context)
    const id = scan.scanner_scan_id ?? (await scanner.findByMarker(scan.task_id))
    if (id === undefined) return nothing
    if (event.type === 'scan.clean-up-due') {
      await context.confirm()
      await removeMarked(scanner, scan.task_id, id)
      return { scans: [update(scan, { scanner_scan_id: undefined })] }
    }
    const state = await scanner.state(id)
    if (state?.phase === 'active' || state?.phase === 'paused') await scanner.stop(id)
    if (scan.scanner_scan_id === undefined && state?.phase === 'idle') {
      // Made by a step that then failed. A replay may go to another scanner, and would leave it here.
      await context.confirm()
      await removeMarked(scanner, scan.task_id, id)
      return nothing
    }
    if (limits.scannerRetentionMs === 0) return nothing
    return { emit: [{ type: 'scan.clean-up-due', data: {}, afterMs: limits.scannerRetentionMs }] }
  },
})
