/** Which waiting scan goes to which scanner next. */
import type { Log } from '../base/log.ts'
import type { Keyspace } from '../bus/keyspace.ts'
import { isUnreadable } from '../scans/read-record.ts'
import type { Scan } from '../scans/record.ts'
import type { ScanKeys } from '../scans/scan-keys.ts'
import type { Scans } from '../scans/scans.ts'
import type { ScannerEntry, ScannerRegistry } from './entry.ts'
import { canTakeScans, knownHealth } from './health.ts'
import { policyAllows } from './policy-now.ts'

/**
 * Heads looked at of each queue: more than one, since a head may just have been admitted or stopped by someone else; and more
 * when all of them are of no use, for an unreadable record waits there until somebody mends or deletes it.
 */
const HEADS = [5, 50, 500]

export interface Place {
  readonly scan: Scan
  readonly entry: ScannerEntry
}

export interface AdmissionSources {
  readonly scans: Scans
  readonly scanners: ScannerRegistry
  readonly keyspace: Keyspace
  readonly scanKeys: ScanKeys
  readonly now: Date
  readonly log: Log
}

/**
 * The soonest waiting scan of `pool` that some scanner has room for, and the least used of those scanners.
 * A scan pinned to a full scanner does not hold up the others; a scanner that is away, or may not launch, gets none.
 */
export async function findPlace(pool: string, sources: AdmissionSources): Promise<Place | undefined> {
  const { scans, scanners, keyspace, scanKeys, now } = sources
  const health = await knownHealth(keyspace, scanKeys, now)
  const able = scanners
    .entries()
    .filter((entry) => entry.pool === pool && entry.enabled && canTakeScans(health.get(entry.key)))
  const open = await leastUsedFirst(able, scans)
  const [first] = open
  if (!first) return undefined
  // What any scanner may take goes to the least used of them, so its queue is read once, however many there are.
  const queues = [
    { entry: first, instance: undefined },
    ...open.map((entry) => ({ entry, instance: entry.instanceId })),
  ]
  for (const limit of HEADS) {
    const heads = await Promise.all(
      queues.map(async ({ entry, instance }) => {
        return (await scans.waiting(pool, instance, limit)).map((head) => ({ entry, ...head }))
      }),
    )
    const place = await firstPlace(heads.flat(), open, sources)
    if (place || heads.every((each) => each.length < limit)) return place
  }
  return undefined
}

/** The soonest of `heads` that some open scanner may take. */
async function firstPlace(
  heads: readonly { entry: ScannerEntry; taskId: string; score: number }[],
  open: readonly ScannerEntry[],
  { scans, scanners, log }: AdmissionSources,
): Promise<Place | undefined> {
  for (const { taskId, entry } of heads.toSorted((a, b) => a.score - b.score)) {
    const [scan] = await scans.look([taskId])
    if (isUnreadable(scan)) {
      log.warn('a waiting scan is passed over: its record cannot be read', { task_id: taskId, problem: scan.problem })
      continue
    }
    if (scan?.status !== 'queued') continue
    const fitting = scan.pinned_instance === undefined ? open : [entry]
    const allowed = fitting.find((each) => policyAllows(each, scan))
    if (allowed) return { scan, entry: allowed }
    if (!allowedSomewhere(scan, scanners)) return { scan, entry }
  }
  return undefined
}

/** A scanner whose policy refuses a scan leaves it to one that allows it. Where none does, the scan is given to it: it fails there, and says so. */
function allowedSomewhere(scan: Scan, scanners: ScannerRegistry): boolean {
  const fits = ({ pool, instanceId, enabled }: ScannerEntry): boolean =>
    enabled && pool === scan.scanner_pool && (scan.pinned_instance ?? instanceId) === instanceId
  return scanners.entries().some((other) => fits(other) && policyAllows(other, scan))
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
