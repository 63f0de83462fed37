import { reportUnread } from '../../../lib/scan-work/end/fetch-again.ts'
import { scannerKey, type Scan } from '../../../lib/scans/record.ts'
import type { World } from '../../support/world.ts'

/** Whether what is left at the scanners is what nobody has read, and all of it; else what is wrong. `touched`: by people. */
export function removedWell(
  world: World,
  scans: ReadonlyMap<string, Scan>,
  touched: readonly ReadonlySet<string>[],
): [boolean, string] {
  for (const { key } of world.scanners.entries()) {
    for (const { id, marker } of world.scanner(key).scansById.values()) {
      const scan = scans.get(marker)
      if (!scan || !reportUnread(scan))
        return [false, `S12: ${id} (${marker}) is still at ${key} after the retention time`]
    }
  }
  for (const [taskId, scan] of scans) {
    if (scan.failure?.step !== 'validate' || touched.some((ids) => ids.has(taskId))) continue
    if (world.scanner(scannerKey(scan)).marked(taskId).length === 0) {
      return [false, `S12: the only copy of the report of ${taskId} was removed, and nobody had read it`]
    }
  }
  return [true, '']
}
