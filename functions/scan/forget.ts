/**
 * Removes what a deleted scan has left: its folder, and the scan at its scanner. What the
 * ledger knows of it stays, and is entered first where that was not done yet.
 * There only ever what we created.
 *
 *   scan.deleted → forget
 *
 * Safe to run twice: removing again changes nothing.
 */
import type * as v from 'valibot'
import { Deleted } from '../../lib/scan-work/end/deletion-event.ts'
import { type Context, upkeepFunction } from '../../lib/runtime/function.ts'
import { nothing } from '../../lib/runtime/outcome.ts'
import { isUnderWay, removeOwn, whyLeft } from '../../lib/scan-work/end/remove-own.ts'
import { enterLast } from '../../lib/scan-work/end/enter-ledger.ts'
import { hasRun } from '../../lib/scan-work/end/unread-report.ts'
import { forgetIfLast, reachScanner } from '../../lib/scanners/kept-entries.ts'
import { ScanBusyError } from '../../lib/scanners/away-error.ts'
import { findOwn } from '../../lib/scanners/own-scan.ts'
import { markedName } from '../../lib/scanners/marked-name.ts'

const ONLY_COPY = 'nobody has read its report, and what is there is the only copy of it'

export default upkeepFunction({
  name: 'forget',
  consumes: ['scan.deleted'],
  concurrency: 10,
  input: Deleted,
  emits: {},

  async run(deleted, context) {
    // What still runs at the scanner does not wait for a disk that takes nothing, nor the files for a scanner that is away.
    const done = await Promise.allSettled([removeFiles(deleted, context), forgetAtScanner(deleted, context)])
    for (const part of done) if (part.status === 'rejected') throw part.reason
    const also = deleted.scanner === undefined ? undefined : await forgetIfLast(deleted.scanner, context)
    return also === undefined ? nothing : { also }
  },
})

async function removeFiles({ task_id, name = task_id }: v.InferOutput<typeof Deleted>, context: Context) {
  await enterLast({ task_id, name }, context)
  await context.reports.remove(task_id)
}

async function forgetAtScanner(left: v.InferOutput<typeof Deleted>, context: Context): Promise<void> {
  const { log } = context
  const { scanner: key, task_id: marker, name, made_there: made } = left
  if (key === undefined) return
  const scanner = await reachScanner(key, context)
  if (scanner === undefined) {
    // Nothing that runs: a scan is deleted when it has ended, and its scanner's entry is kept until then.
    log.warn('left at its scanner', {
      task_id: marker,
      scanner: key,
      why: 'it is neither configured nor kept any more',
    })
    return
  }
  const our = { name: name ?? '', marker }
  const id = left.scanner_scan_id ?? (await scanner.findMarked(our))[0]
  if (id === undefined) return
  const claim = {
    scanner: key,
    id,
    marker,
    name: made?.name ?? (name === undefined ? undefined : markedName(name, marker)),
    standIn: made?.uuid,
    serverUuid: made?.server_uuid,
    runUuid: left.own_run,
  }
  const found = await findOwn(scanner, claim)
  if (found.is === 'ours' && isUnderWay(found)) {
    await scanner.stop(found.scan)
    throw new ScanBusyError(`scan ${id} is still stopping at scanner ${key}`, { scanner: key })
  }
  const keepsRun = left.unread === true
  const removed = await removeOwn(scanner, claim, our, { keepsRun })
  const note = keepsRun && hasRun(removed) ? ONLY_COPY : whyLeft(removed, claim)
  if (note !== undefined) log.warn('left at its scanner', { task_id: marker, scanner: key, scan: id, why: note })
}
