/**
 * Launches the scan, once.
 *
 *   scan.created → launch → scan.launched
 *
 * Safe to run twice: it launches only a scan that has never run, which the
 * scanner itself knows, and sends nothing once its permit is in doubt. What it
 * may have launched after the scan was stopped, or had ended, it stops.
 */
import * as v from 'valibot'
import { PermanentError } from '../../lib/base/errors.ts'
import { scanFunction } from '../../lib/runtime/function.ts'
import { nothing, says } from '../../lib/runtime/outcome.ts'
import { claimOf } from '../../lib/scanners/claim-of.ts'
import { findOwn, NotOursError, type OwnScan } from '../../lib/scanners/own-scan.ts'
import { checkPolicy } from '../../lib/scanners/policy-now.ts'
import { stopOwn } from '../../lib/scan-work/end/stop-own.ts'
import { scannerOf } from '../../lib/scanners/scanner-of.ts'
import { update } from '../../lib/scans/change.ts'
import { isFinal } from '../../lib/scans/states.ts'

export default scanFunction({
  name: 'launch',
  consumes: ['scan.created'],
  input: v.object({}),
  emits: { 'scan.launched': says('The scan runs at its scanner.') },

  async run(_data, context) {
    const { scan, event, now, confirm } = context
    const scanner = await scannerOf(scan, context)
    const id = scan.scanner_scan_id
    if (scan.next !== event.id) {
      if (id !== undefined && (scan.stopping || scan.status === 'canceled')) await stopOwn(scanner, claimOf(scan))
      return nothing
    }
    if (id === undefined) throw new PermanentError(`the record of scan ${scan.task_id} names no scan to launch`)
    await confirm()
    const found = await findOwn(scanner, claimOf(scan))
    if (found.is === 'gone') throw new PermanentError(`${found.why} before it was launched`)
    if (found.is === 'foreign') throw new NotOursError(found)
    const { state } = found
    const isNew = found.is === 'ours' && state.phase === 'idle'
    const launch = async (own: OwnScan) => {
      const permit = await confirm()
      checkPolicy(scan, context.scanners)
      return scanner.launch(own, permit)
    }
    const runUuid = isNew ? await launch(found.scan) : state.runUuid
    return {
      scans: [
        update(scan, {
          step: 'scanning',
          run_uuid: runUuid,
          launched_at: now.toISOString(),
          scanner_status: isNew ? 'pending' : state.status,
          progress: 0,
        }),
      ],
      emit: [{ type: 'scan.launched', data: {} }],
      async undo() {
        // Another worker has seen this scan through, so the run that was launched here is one too many.
        const current = isNew ? await context.scans.get(scan.task_id) : undefined
        if (current && isFinal(current.status)) await stopOwn(scanner, { ...claimOf(scan), runUuid })
      },
    }
  },
})
