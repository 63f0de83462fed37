/** What Redis knows of the system at one moment: for metrics, `nessus-mcp stats` and the console. */
import type { Bus } from '../../bus/bus.ts'
import { COUNTS } from '../../bus/keys.ts'
import type { StreamEntry } from '../../bus/keyspace.ts'
import type { StateSnapshot } from '../../observe/state-snapshot.ts'
import type { ScannerRegistry } from '../../scanners/entry.ts'
import { knownHealth, type KnownHealth } from '../../scanners/health.ts'
import type { ScanKeys } from '../../scans/scan-keys.ts'
import type { Scans } from '../../scans/scans.ts'
import type { AnyFunction } from '../../runtime/function.ts'

export interface StateSources {
  readonly bus: Bus
  readonly scans: Scans
  readonly scanKeys: ScanKeys
  readonly scanners: Pick<ScannerRegistry, 'pools' | 'entries'>
  readonly functions: readonly Pick<AnyFunction, 'name'>[]
  /** A worker that has not said for so long that it lives counts as gone. */
  readonly workerGoneMs: number
}

export async function systemState(sources: StateSources): Promise<StateSnapshot> {
  const { bus, scans, scanners } = sources
  const { keyspace, keys } = bus
  const queues = await Promise.all(
    scanners.pools().map(async (pool) => {
      const instances = scanners.entries().flatMap((entry) => (entry.pool === pool ? [entry.instanceId] : []))
      return { pool, depth: await scans.queueDepth(pool, instances) }
    }),
  )
  const health = await knownHealth(keyspace, sources.scanKeys, bus.now())
  const rows = await Promise.all(
    scanners.entries().map(async (entry) => ({
      key: entry.key,
      type: entry.type,
      enabled: entry.enabled,
      slotsUsed: await scans.used(entry.key),
      slotsMax: entry.maxConcurrentScans,
      ...reachable(health.get(entry.key)),
    })),
  )
  const counts = await keyspace.hash(keys.counts)
  return {
    activeScans: rows.reduce((sum, row) => sum + row.slotsUsed, 0),
    deadLetters: await keyspace.length(keys.dead),
    oldestDeadLetterSeconds: ageSeconds(await keyspace.entries(keys.dead, '-', 1), bus.now()),
    delayedEvents: await keyspace.count(keys.delayed),
    replays: Number(counts[COUNTS.replays] ?? 0),
    ageDeletions: Number(counts[COUNTS.ageDeletions] ?? 0),
    queues,
    inboxes: await Promise.all(sources.functions.map(({ name }) => inboxState(name, sources))),
    scanners: rows,
  }
}

function reachable(health: KnownHealth | undefined): { reachable?: boolean } {
  return health === undefined ? {} : { reachable: health.ready }
}

async function inboxState(name: string, { bus, workerGoneMs }: StateSources) {
  const { keyspace, keys } = bus
  const hosting = keys.hosting(name)
  const nowMs = bus.now().getTime()
  const [depth, [oldest], all, gone] = await Promise.all([
    keyspace.length(keys.inbox(name)),
    keyspace.entries(keys.inbox(name), '-', 1),
    keyspace.count(hosting),
    keyspace.count(hosting, nowMs - workerGoneMs),
  ])
  const oldestAgeSeconds = ageSeconds(oldest ? [oldest] : [], bus.now())
  return { function: name, depth, oldestAgeSeconds, workers: all - gone }
}

/** A stream id begins with the time (ms) at which its entry was added. */
function ageSeconds([oldest]: readonly StreamEntry[], now: Date): number {
  return oldest ? Math.max(0, (now.getTime() - Number(oldest.id.split('-')[0])) / 1000) : 0
}
