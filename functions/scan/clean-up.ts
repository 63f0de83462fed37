/**
 * Looks after what an ended scan leaves at its scanner: stops our run if it is
 * still under way, and deletes the scan there after the retention time. Only ever
 * what we created; one that a person has launched again, or renamed, is theirs.
 *
 *   scan.ended, scan.clean-up-due → clean-up → scan.clean-up-due (delayed) | scan.deleted (was to be deleted once it had ended)
 *
 * Safe to run twice: stopping and deleting again change nothing.
 */
import * as v from 'valibot'
import { scanFunction, type ScanContext } from '../../lib/runtime/function.ts'
import { nothing, type Outcome, says } from '../../lib/runtime/outcome.ts'
import type { Limits } from '../../lib/runtime/services.ts'
import { ScanBusyError } from '../../lib/scanners/away-error.ts'
import { claimOf } from '../../lib/scanners/claim-of.ts'
import { findOwn } from '../../lib/scanners/own-scan.ts'
import { forgetIfLast, reachScanner, ScannerLeftError } from '../../lib/scanners/kept-entries.ts'
import { scannerOf } from '../../lib/scanners/scanner-of.ts'
import { Deleted, leftAtScanner } from '../../lib/scan-work/end/deletion-event.ts'
import { isUnderWay, removeOwn, whyLeft } from '../../lib/scan-work/end/remove-own.ts'
import { hasRun, isUnread } from '../../lib/scan-work/end/unread-report.ts'
import { erase, update } from '../../lib/scans/change.ts'
import { scannerKey } from '../../lib/scans/record.ts'
import { isFinal } from '../../lib/scans/states.ts'

const emits = {
  'scan.clean-up-due': says('The time that our ended scans stay at the scanner is over.'),
  'scan.deleted': Deleted,
} as const

export default scanFunction({
  name: 'clean-up',
  consumes: ['scan.ended', 'scan.clean-up-due'],
  input: v.object({}),
  emits,

  async run(_data, context) {
    const { scan, event } = context
    // A replayed scan runs again: its end will come round once more.
    if (!isFinal(scan.status)) return nothing
    if (scan.deleting) {
      return { scans: [erase(scan)], emit: [leftAtScanner(scan)] }
    }
    const key = scannerKey(scan)
    if (key === undefined) return nothing
    const outcome = scan.origin === 'created' ? await lookAfter(context, key) : nothing
    // The copy of an entry that left the configuration has served its last scan, unless others are under way.
    const also = event.type === 'scan.ended' ? await forgetIfLast(key, context) : undefined
    return also === undefined ? outcome : { ...outcome, also }
  },
})

async function lookAfter(context: ScanContext, key: string): Promise<Outcome<typeof emits>> {
  const { scan, limits, event } = context
  if ((await reachScanner(key, context)) === undefined) {
    return { scans: [update(scan, { scanner_note: new ScannerLeftError(key).message })] }
  }
  const scanner = await scannerOf(scan, context)
  const our = { name: scan.name, marker: scan.task_id }
  const id = scan.scanner_scan_id ?? (await scanner.findMarked(our))[0]
  if (id === undefined) return nothing
  const claim = claimOf(scan, id)
  if (event.type === 'scan.clean-up-due') {
    // The only copy of a report that nobody could read is the scanner's: it stays until somebody has, or deletes the scan.
    await context.confirm()
    const keepsRun = isUnread(scan)
    const found = await removeOwn(scanner, claim, our, { keepsRun })
    if (keepsRun && hasRun(found)) return later(limits)
    const note = whyLeft(found, claim)
    return { scans: [update(scan, note === undefined ? { scanner_scan_id: undefined } : { scanner_note: note })] }
  }
  const found = await findOwn(scanner, claim)
  if (found.is === 'ours' && isUnderWay(found)) {
    await scanner.stop(found.scan)
    const message = `scan ${id} is still ${found.state.status} at its scanner, and was told to stop`
    throw new ScanBusyError(message, { scanner: key })
  }
  if (scan.scanner_scan_id === undefined && found.is === 'ours' && found.state.phase === 'idle') {
    // Made by a step that then failed. A replay may go to another scanner, and would leave it here.
    await context.confirm()
    await removeOwn(scanner, claim, our, { keepsRun: true })
    return nothing
  }
  if (found.is === 'foreign') return { scans: [update(scan, { scanner_note: found.why })] }
  const noted = found.is === 'kept' ? { scans: [update(scan, { scanner_note: found.why })] } : {}
  return { ...noted, ...later(limits) }
}

function later({ scannerRetentionMs: afterMs }: Limits) {
  if (afterMs === 0) return nothing
  return { emit: [{ type: 'scan.clean-up-due' as const, data: {}, afterMs }] }
}
