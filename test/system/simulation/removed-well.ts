import { scannerKey, type Scan } from '../../../lib/scans/record.ts'
import type { World } from '../../support/world.ts'

/**
 * Whether what is left at the scanners is what nobody has read, and all of it; else what is wrong. `touched`: by people.
 * Who has run is asked of the scanners, and not of our records: a record may not know of a run whose launch died on the way.
 */
export function removedWell(
  world: World,
  scans: ReadonlyMap<string, Scan>,
  touched: readonly ReadonlySet<string>[],
): [boolean, string] {
  for (const { key } of world.scanners.entries()) {
    for (const { id, marker, launches } of world.scanner(key).scansById.values()) {
      const isOnlyCopy = launches > 0 && scans.get(marker)?.results_summary === undefined
      if (!isOnlyCopy) return [false, `S12: ${id} (${marker}) is still at ${key} after the retention time`]
    }
  }
  for (const [taskId, scan] of scans) {
    const key = scannerKey(scan)
    if (key === undefined || scan.results_summary !== undefined || touched.some((ids) => ids.has(taskId))) continue
    const scanner = world.scanner(key)
    if (scanner.tally(taskId).launches > 0 && scanner.marked(taskId).length === 0) {
      return [false, `S12: the only copy of the report of ${taskId} was removed, and nobody had read it`]
    }
  }
  return [true, '']
}
