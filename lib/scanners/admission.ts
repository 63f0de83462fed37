/** Which waiting scan goes to which scanner next. */
import type { Scan } from '../scans/record.ts'
import type { Scans } from '../scans/scans.ts'
import type { ScannerEntry, ScannerRegistry } from './entry.ts'

/** Queue heads looked at per scanner: more than one, since a head may just have been admitted or stopped by someone else. */
const HEADS = 5

export interface Place {
  readonly scan: Scan
  readonly entry: ScannerEntry
}

/**
 * The soonest waiting scan of `pool` that some scanner has room for, and the least used of those scanners.
 * A scan pinned to a full scanner does not hold up the others.
 */
export async function findPlace(
  pool: string,
  { scans, scanners }: { scans: Scans; scanners: ScannerRegistry },
): Promise<Place | undefined> {
  const open = await leastUsedFirst(
    scanners.entries().filter((entry) => entry.pool === pool && entry.enabled),
    scans,
  )
  const offers = await Promise.all(
    open.map(async (entry) => ({ entry, heads: await scans.waiting(pool, entry.instanceId, HEADS) })),
  )
  const candidates = offers
    .flatMap(({ entry, heads }) => heads.map((head) => ({ entry, ...head })))
    // A stable sort: among scanners that could take the same scan, the least used stays first.
    .sort((a, b) => a.score - b.score)
  for (const { taskId, entry } of candidates) {
    const scan = await scans.get(taskId)
    if (scan?.status === 'queued') return { scan, entry }
  }
  return undefined
}

/** Scanners with room: fewest used slots in proportion first, then the one not used for longest. */
export async function leastUsedFirst(entries: readonly ScannerEntry[], scans: Scans): Promise<ScannerEntry[]> {
  const lastUsed = await scans.lastUsed(entries.map(({ key }) => key))
  const rows = await Promise.all(
    entries.map(async (entry, i) => {
      return { entry, share: (await scans.used(entry.key)) / entry.maxConcurrentScans, last: lastUsed[i]! }
    }),
  )
  return rows
    .filter(({ share }) => share < 1)
    .sort((a, b) => a.share - b.share || a.last - b.last)
    .map(({ entry }) => entry)
}
