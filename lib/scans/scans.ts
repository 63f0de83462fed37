/** The reading side of scan records: one, many, and where a scan stands in its queue. */
import { defined } from '../base/defined.ts'
import { Refusal } from '../base/errors.ts'
import type { Keyspace } from '../bus/keyspace.ts'
import { isUnreadable, parseRecord, readRecord, type Unreadable } from './read-record.ts'
import type { Scan } from './record.ts'
import { waitingScore, type ScanKeys } from './scan-keys.ts'
import type { Status } from './states.ts'
import { timeOf } from '../facts/task-id.ts'

/** How many records one listing looks at before it answers with what it has. */
const EXAMINED_MAX = 20_000
const BATCH = 200
/** How many unreadable records one listing names; all are counted. */
const UNREADABLE_NAMED_MAX = 20

export interface ScanListing {
  readonly scans: Scan[]
  /** With `count`: scans that meet what was asked, shown here or not. Else those under the same index. */
  readonly total: number
  /** False when there are more records than one listing looks at: `total` is then the least. */
  readonly counted: boolean
  /** Where to go on; absent at the end. */
  readonly nextCursor?: string
  /** Records met on the way that cannot be read: it is not known whether they fit. */
  readonly unreadable: UnreadableMet
}

export interface UnreadableMet {
  readonly count: number
  /** The first of them. */
  readonly named: readonly Unreadable[]
}

export interface Scans {
  /** For who needs this one scan: throws UnreadableRecord when its record cannot be read. */
  get(taskId: string): Promise<Scan | undefined>
  /** For who looks at many: an unreadable record is named, in its place, and keeps nobody from the others. */
  look(taskIds: readonly string[]): Promise<(Scan | Unreadable | undefined)[]>
  /** Newest first. `cursor` is a task id of an earlier page's end. */
  list(query: {
    status?: Status | undefined
    pool?: string | undefined
    matches?: ((scan: Scan) => boolean) | undefined
    limit: number
    /** Look at all records, so that `total` is of what was asked. */
    count?: boolean | undefined
    cursor?: string | undefined
  }): Promise<ScanListing>
  /** 1 for the next one to be admitted; `undefined` when it is not waiting. */
  queuePosition(scan: Scan): Promise<number | undefined>
  /** The place a scan with this priority, arriving now, would have. */
  nextPosition(
    scan: Pick<Scan, 'scanner_pool' | 'pinned_instance' | 'priority' | 'created_at' | 'behind_own'>,
  ): Promise<number>
  /** The first waiting scans of one queue, soonest first: of those that any scanner of the pool may take, or of those pinned to `instance`. */
  waiting(pool: string, instance: string | undefined, limit: number): Promise<{ taskId: string; score: number }[]>
  /** The next scans of a pool, pinned ones included, soonest first. */
  queueHeads(
    pool: string,
    instances: readonly string[],
    limit: number,
  ): Promise<{ scans: Scan[]; unreadable: Unreadable[] }>
  /** The scan of a pool that has waited longest. */
  oldestWaiting(pool: string): Promise<Scan | undefined>
  /** Waiting scans of a pool, pinned ones included. */
  queueDepth(pool: string, instances: readonly string[]): Promise<number>
  /** How many scans of a caller wait, in all pools. */
  waitingOf(caller: string): Promise<number>
  /** Task ids that hold a slot on a scanner (`pool/instance`). */
  holders(scanner: string): Promise<string[]>
  used(scanner: string): Promise<number>
  /** When each of these scanners was last given a scan, ms; 0 for never. */
  lastUsed(scanners: readonly string[]): Promise<number[]>
}

export function makeScans(keyspace: Keyspace, keys: ScanKeys): Scans {
  const look = async (taskIds: readonly string[]) => {
    const hashes = await keyspace.hashes(taskIds.map((id) => keys.scan(id)))
    return hashes.map((hash, at) => readRecord(taskIds[at]!, hash))
  }
  return {
    get: async (taskId) => parseRecord(taskId, await keyspace.hash(keys.scan(taskId))),
    look,
    list: (query) => list(keyspace, keys, query),

    async queuePosition(scan) {
      if (scan.status !== 'queued') return undefined
      const own = await keyspace.rank(keys.waiting(scan.scanner_pool, scan.pinned_instance), scan.task_id)
      if (own === undefined) return undefined
      if (scan.pinned_instance === undefined) return own + 1
      return own + 1 + (await keyspace.count(keys.waiting(scan.scanner_pool), waitingScore(scan)))
    },

    async nextPosition(scan) {
      const score = waitingScore(scan)
      const ahead = await keyspace.count(keys.waiting(scan.scanner_pool), score)
      if (scan.pinned_instance === undefined) return ahead + 1
      return ahead + 1 + (await keyspace.count(keys.waiting(scan.scanner_pool, scan.pinned_instance), score))
    },

    async waiting(pool, instance, limit) {
      const heads = await keyspace.ranked(keys.waiting(pool, instance), 0, limit - 1)
      return heads.map(({ member, score }) => ({ taskId: member, score }))
    },

    async queueHeads(pool, instances, limit) {
      const queues = [keys.waiting(pool), ...instances.map((instance) => keys.waiting(pool, instance))]
      const heads = await Promise.all(queues.map((queue) => keyspace.ranked(queue, 0, limit - 1)))
      const soonest = heads.flat().sort((a, b) => a.score - b.score)
      const found = await look(soonest.slice(0, limit).map(({ member }) => member))
      return {
        scans: found.filter((each): each is Scan => each !== undefined && !isUnreadable(each)),
        unreadable: found.filter(isUnreadable),
      }
    },

    async oldestWaiting(pool) {
      // Queues are ordered by priority first; the index by status is ordered by time.
      const found = await look(await keyspace.range(keys.byStatus('queued'), 0, BATCH - 1))
      return found.find((each): each is Scan => {
        return each !== undefined && !isUnreadable(each) && each.scanner_pool === pool
      })
    },

    async queueDepth(pool, instances) {
      const queues = [keys.waiting(pool), ...instances.map((instance) => keys.waiting(pool, instance))]
      const depths = await Promise.all(queues.map((queue) => keyspace.count(queue)))
      return depths.reduce((sum, depth) => sum + depth, 0)
    },

    waitingOf: (caller) => keyspace.count(keys.waitingOf(caller)),
    holders: (scanner) => keyspace.members(keys.slots(scanner)),
    used: (scanner) => keyspace.size(keys.slots(scanner)),
    async lastUsed(scanners) {
      // One read of them all: asked scanner by scanner, a pool of a hundred would cost every admission a hundred commands.
      const times = new Map((await keyspace.ranked(keys.lastUsed, 0, -1)).map(({ member, score }) => [member, score]))
      return scanners.map((scanner) => times.get(scanner) ?? 0)
    },
  }
}

async function list(keyspace: Keyspace, keys: ScanKeys, query: Parameters<Scans['list']>[0]): Promise<ScanListing> {
  const index = query.status ? keys.byStatus(query.status) : query.pool ? keys.byPool(query.pool) : keys.all
  const matches = (scan: Scan) =>
    (query.pool === undefined || scan.scanner_pool === query.pool) && (query.matches?.(scan) ?? true)
  const size = await keyspace.count(index)
  const start = query.cursor === undefined ? 0 : await after(keyspace, { index, all: keys.all }, query.cursor, size)
  // Where the index does not answer by itself what was asked, all records are looked at, so that the count is whole.
  const told = query.matches === undefined && (query.status === undefined || query.pool === undefined)
  const counting = query.count === true && !told
  const batch = told ? Math.min(BATCH, query.limit) : BATCH
  const found: Scan[] = []
  const unreadable: { count: number; named: Unreadable[] } = { count: 0, named: [] }
  let total = 0
  let at = counting ? 0 : start
  const end = Math.min(size, start + EXAMINED_MAX)
  let last: string | undefined
  let more: string | undefined
  while (at < end && (counting || found.length < query.limit)) {
    const ids = await keyspace.range(index, at, at + batch - 1, { reverse: true })
    const hashes = await keyspace.hashes(ids.map((id) => keys.scan(id)))
    for (const [n, id] of ids.entries()) {
      if (!counting && found.length === query.limit) break
      at += 1
      last = id
      const scan = readRecord(id, hashes[n]!)
      if (isUnreadable(scan)) note(unreadable, scan)
      else if (scan && matches(scan)) {
        total += 1
        if (at <= start) continue
        if (found.length < query.limit) found.push(scan)
        else more ??= found.at(-1)?.task_id
      }
    }
    if (ids.length < batch) break
  }
  // By the last one looked at, also when none of them was found fit: what comes after it has not been seen.
  const next = more ?? (at < size ? last : undefined)
  return {
    scans: found,
    total: counting ? total : size,
    counted: !counting || at >= size,
    unreadable,
    ...defined({ nextCursor: next }),
  }
}

function note(met: { count: number; named: Unreadable[] }, record: Unreadable): void {
  met.count += 1
  if (met.named.length < UNREADABLE_NAMED_MAX) met.named.push(record)
}

/**
 * The place just after `taskId`, newest first. One that has left the index meanwhile (deleted, or in another status by
 * now) still has its time: the list goes on with what is no newer, and begins at the top no second time.
 */
async function after(
  keyspace: Keyspace,
  { index, all }: { readonly index: string; readonly all: string },
  taskId: string,
  total: number,
): Promise<number> {
  const rank = await keyspace.rank(index, taskId)
  if (rank !== undefined) return total - rank
  const createdMs = (await keyspace.score(all, taskId)) ?? endOfSecond(taskId)
  return total - (await keyspace.count(index, createdMs + 1))
}

function endOfSecond(taskId: string): number {
  const createdMs = timeOf(taskId)
  if (createdMs !== undefined) return createdMs + 999
  throw new Refusal('invalid_argument', `cursor: expected the next_cursor of the page before, got "${taskId}"`, {
    arguments: ['cursor'],
  })
}
