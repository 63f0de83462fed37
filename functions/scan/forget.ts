/**
 * Removes what a deleted scan has left: its folder, and the scan at its scanner.
 * There only ever what we created.
 *
 *   scan.deleted → forget
 *
 * Safe to run twice: removing again changes nothing.
 */
import { Deleted } from '../../lib/functions/deleted.ts'
import { upkeepFunction } from '../../lib/functions/function.ts'
import { nothing } from '../../lib/functions/outcome.ts'
import { removeMarked } from '../../lib/functions/remove-marked.ts'

export default upkeepFunction({
  name: 'forget',
  consumes: ['scan.deleted'],
  concurrency: 10,
  input: Deleted,
  emits: {},

  async run({ task_id, scanner: key, scanner_scan_id: known }, { scanners, reports }) {
    await reports.remove(task_id)
    // A scanner that left the configuration is out of our hands.
    if (key === undefined || !scanners.find(key)) return nothing
    const scanner = scanners.scanner(key)
    const id = known ?? (await scanner.findByMarker(task_id))
    if (id === undefined) return nothing
    const state = await scanner.state(id)
    if (state?.phase === 'active' || state?.phase === 'paused') {
      await scanner.stop(id)
      throw new Error(`scan ${id} is still stopping at scanner ${key}`)
    }
    await removeMarked(scanner, task_id, id)
    return nothing
  },
})
