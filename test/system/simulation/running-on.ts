import type { Scan } from '../../../lib/scans/record.ts'
import { isFinal } from '../../../lib/scans/states.ts'
import type { World } from '../../support/world.ts'

/** The ended scans that run at a scanner, and were not told to stop. */
export function runningOn(world: World, seen: ReadonlyMap<string, { readonly scan: Scan }>): string[] {
  return world.scanners.entries().flatMap(({ key }) => {
    const scanner = world.scanner(key)
    return [...scanner.scansById.values()].flatMap((scan) => {
      const runs = ['active', 'paused'].includes(scanner.phase(scan)) && scan.stopsAtMs === undefined
      const record = seen.get(scan.marker)?.scan
      return runs && record && isFinal(record.status) ? [scan.marker] : []
    })
  })
}
