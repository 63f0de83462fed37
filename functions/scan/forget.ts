/**
 * Removes what a deleted scan has left: its folder, and the scan at its scanner.
 * There only ever what we created.
 *
 *   scan.deleted → forget
 *
 * Safe to run twice: removing again changes nothing.
 */
import { Deleted } from '../../lib/scan-work/end/deletion-event.ts'
import { type Context, upkeepFunction } from '../../lib/runtime/function.ts'
import { nothing } from '../../lib/runtime/outcome.ts'
import { removeMarked } from '../../lib/scan-work/end/remove-marked.ts'

export default upkeepFunction({
  name: 'forget',
  consumes: ['scan.deleted'],
  concurrency: 10,
  input: Deleted,
  emits: {},

  async run({ task_id, scanner, scanner_scan_id }, context) {
    // What still runs at the scanner does not wait for a disk that takes nothing, nor the files for a scanner that is away.
    const done = await Promise.allSettled([
      context.reports.remove(task_id),
      forgetAtScanner(task_id, { key: scanner, id: scanner_scan_id }, context),
    ])
    for (const part of done) if (part.status === 'rejected') throw part.reason
    return nothing
  },
})

async function forgetAtScanner(
  marker: string,
  left: { key: string | undefined; id: number | undefined },
  { scanners }: Context,
): Promise<void> {
  // A scanner that left the configuration is out of our hands.
  if (left.key === undefined || !scanners.find(left.key)) return
  const scanner = scanners.scanner(left.key)
  const id = left.id ?? (await scanner.findByMarker(marker))
  if (id === undefined) return
  const state = await scanner.state(id)
  if (state?.phase === 'active' || state?.phase === 'paused') {
    await scanner.stop(id)
    throw new Error(`scan ${id} is still stopping at scanner ${left.key}`)
  }
  await removeMarked(scanner, marker, id)
}
