/**
 * What queues, slots and the lists of what waits and runs say, and the records do not. Records and indexes change in one
 * step, so this comes of edits by hand in Redis and of bad restores alone; but a slot that nobody holds is lost for good, and a
 * scan that waits in no queue waits for ever.
 *
 *   I1. The record decides. Each correction is guarded by the record being as it was read, so it holds when it is written.
 *   I2. A record that cannot be read says nothing: its places are left as they are.
 */
import type { Guard, Transaction, Write } from '../../bus/transaction.ts'
import type { Services } from '../../runtime/services.ts'
import { queueOf, slotOf, takingInOf } from '../../scans/change.ts'
import { isUnreadable } from '../../scans/read-record.ts'
import type { Scan } from '../../scans/record.ts'
import { type ScannerPlaces, traceWrites, untraceWrites } from '../../scans/traces.ts'

const LOOKED_AT_MAX = 1000
const MENDED_MAX = 100

type Sources = Pick<Services, 'scans' | 'scanners' | 'keyspace' | 'scanKeys'>

/** What is wrong with the place of one scan. */
interface Fault {
  readonly task: string
  readonly what: string
  readonly guard: Guard
  readonly writes: readonly Write[]
}

export function placesOf(scanners: Pick<Services['scanners'], 'pools' | 'entries'>): ScannerPlaces {
  return scanners.pools().map((pool) => ({
    pool,
    instances: scanners.entries().flatMap((entry) => (entry.pool === pool ? [entry.instanceId] : [])),
  }))
}

/** What mends the indexes, and what it found, in words. */
export async function mendIndexes(
  sources: Sources,
): Promise<Transaction & { found: { task: string; what: string }[] }> {
  const faults = [...(await misplaced(sources)), ...(await missing(sources))].slice(0, MENDED_MAX)
  return {
    found: faults.map(({ task, what }) => ({ task, what })),
    guards: faults.map(({ guard }) => guard),
    writes: faults.flatMap(({ writes }) => writes),
  }
}

/** A queue or a set of slots, and what is in it. */
interface Place {
  readonly key: string
  readonly ids: readonly string[]
  /** Whether the scan, by its record, is to be found here. */
  readonly belongs: (scan: Scan) => boolean
  readonly has: (id: string) => Promise<boolean>
  readonly out: (id: string) => Write
}

/** Scans in a queue or a slot in which, by their record, they are not. */
async function misplaced(sources: Sources): Promise<Fault[]> {
  const { scans, scanners, scanKeys } = sources
  const faults: Fault[] = []
  for (const { key, ids, belongs, has, out } of await allPlaces(sources)) {
    for (const [n, scan] of (await scans.look(ids)).entries()) {
      const task = ids[n]!
      // Asked once more, for it may have gone on between the two looks.
      if (isUnreadable(scan) || (scan && belongs(scan)) || !(await has(task))) continue
      if (!scan) faults.push(ghost(task, [out(task)], { scanners, scanKeys }))
      else
        faults.push({
          task,
          what: `is in ${key}, but ${scan.status}`,
          guard: asRead(scan, scanKeys),
          writes: [out(task)],
        })
    }
  }
  return faults
}

async function allPlaces({ scans, scanners, keyspace, scanKeys }: Sources): Promise<Place[]> {
  const queue = async (pool: string, instance?: string): Promise<Place> => {
    const key = scanKeys.waiting(pool, instance)
    return {
      key,
      ids: (await scans.waiting(pool, instance, LOOKED_AT_MAX)).map(({ taskId }) => taskId),
      belongs: (scan) => queueOf(scan, scanKeys) === key,
      has: async (id) => (await keyspace.rank(key, id)) !== undefined,
      out: (id) => ['ZREM', key, id],
    }
  }
  const slots = async (scanner: string): Promise<Place> => ({
    key: scanKeys.slots(scanner),
    ids: await scans.holders(scanner),
    belongs: (scan) => slotOf(scan) === scanner,
    has: async (id) => (await scans.holders(scanner)).includes(id),
    out: (id) => ['SREM', scanKeys.slots(scanner), id],
  })
  const takingIn = async (scanner: string): Promise<Place> => {
    const key = scanKeys.takingIn(scanner)
    return {
      key,
      ids: await keyspace.members(key),
      belongs: (scan) => takingInOf(scan, scanKeys) === key,
      has: async (id) => (await keyspace.members(key)).includes(id),
      out: (id) => ['SREM', key, id],
    }
  }
  const places = placesOf(scanners).flatMap(({ pool, instances }) => [
    queue(pool),
    ...instances.flatMap((instance) => [
      queue(pool, instance),
      slots(`${pool}/${instance}`),
      takingIn(`${pool}/${instance}`),
    ]),
  ])
  return Promise.all(places)
}

/** Scans that, by their record, wait or run, and are in no queue or hold no slot; and names without a record. */
async function missing(sources: Sources): Promise<Fault[]> {
  const { scans, keyspace, scanKeys } = sources
  const faults: Fault[] = []
  for (const status of ['queued', 'running'] as const) {
    const index = scanKeys.byStatus(status)
    const ids = await keyspace.range(index, 0, LOOKED_AT_MAX - 1)
    for (const [n, scan] of (await scans.look(ids)).entries()) {
      const task = ids[n]!
      if (isUnreadable(scan)) continue
      const isListed = scan?.status === status || (await keyspace.rank(index, task)) === undefined
      if (!scan && !isListed) faults.push(ghost(task, [], sources))
      if (!scan) continue
      const what = isListed ? await lacks(scan, sources) : `is listed as ${status}, but ${scan.status}`
      if (what === undefined) continue
      const writes = [...(isListed ? [] : [['ZREM', index, task] as const]), ...traceWrites(scan, scanKeys)]
      faults.push({ task, what, guard: asRead(scan, scanKeys), writes })
    }
  }
  return faults
}

async function lacks(scan: Scan, { scans, keyspace, scanKeys }: Sources): Promise<string | undefined> {
  const [queue, slot] = [queueOf(scan, scanKeys), slotOf(scan)]
  if (queue !== undefined && (await keyspace.rank(queue, scan.task_id)) === undefined) return 'waits in no queue'
  if (slot !== undefined && !(await scans.holders(slot)).includes(scan.task_id)) return 'runs without a slot'
  return undefined
}

function ghost(
  task: string,
  writes: readonly Write[],
  { scanners, scanKeys }: Pick<Sources, 'scanners' | 'scanKeys'>,
): Fault {
  const all = [...writes, ...untraceWrites(task, placesOf(scanners), scanKeys)]
  const guard: Guard = { if: 'absent', key: scanKeys.scan(task), else: 'stale' }
  return { task, what: 'is named, but has no record', guard, writes: all }
}

function asRead(scan: Scan, keys: Services['scanKeys']): Guard {
  return { if: 'field', key: keys.scan(scan.task_id), field: 'rev', is: String(scan.revision), else: 'stale' }
}
