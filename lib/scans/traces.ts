/** All places in which a scan may be named, for when its record does not say in which it is. */
import * as v from 'valibot'
import type { Guard, Transaction, Write } from '../bus/transaction.ts'
import { NOT_A_HASH } from '../bus/keyspace.ts'
import { queueOf, slotOf, takingInOf } from './change.ts'
import type { Scan } from './record.ts'
import { waitingScore, type ScanKeys } from './scan-keys.ts'
import { STATUSES } from './states.ts'
import { takenWrites } from './taken-runs.ts'

/** The pools there are, and the scanners of each. */
export type ScannerPlaces = readonly { readonly pool: string; readonly instances: readonly string[] }[]

/** What a record that cannot be read still seems to say: good for looking, not to be relied on. */
export interface Remnant {
  readonly name?: string | undefined
  readonly caller?: string | undefined
  readonly scanner_pool?: string | undefined
  readonly scanner_instance?: string | undefined
  readonly scanner_scan_id?: number | undefined
  readonly credentials?: { readonly kind: 'sealed'; readonly ref: string } | undefined
}

const Guess = v.fallback(v.optional(v.string()), undefined)
const RemnantSchema = v.object({
  name: Guess,
  caller: Guess,
  scanner_pool: Guess,
  scanner_instance: Guess,
  scanner_scan_id: v.fallback(v.optional(v.pipe(v.number(), v.integer())), undefined),
  credentials: v.fallback(v.optional(v.object({ kind: v.literal('sealed'), ref: v.string() })), undefined),
})

export function remnantOf(hash: Readonly<Record<string, string>>): Remnant {
  try {
    const result = v.safeParse(RemnantSchema, JSON.parse(hash['body'] ?? ''))
    return result.success ? result.output : {}
  } catch {
    return {}
  }
}

/** That the record is still what was read: `hash` as it came. */
export function unchanged(key: string, hash: Readonly<Record<string, string>>): Guard {
  if (Object.keys(hash).length === 0) return { if: 'absent', key, else: 'stale' }
  // What is no hash has no fields to compare.
  if (NOT_A_HASH in hash) return { if: 'exists', key, else: 'stale' }
  return { if: 'field', key, field: 'body', is: hash['body'] ?? '', else: 'stale' }
}

/** Takes a scan out of every index, queue and slot it may be in. Its record is left. */
export function untraceWrites(taskId: string, places: ScannerPlaces, keys: ScanKeys, remnant: Remnant = {}): Write[] {
  const pools = new Set([...places.map(({ pool }) => pool), ...(remnant.scanner_pool ? [remnant.scanner_pool] : [])])
  const sorted = [
    keys.all,
    keys.accessed,
    ...STATUSES.map((status) => keys.byStatus(status)),
    ...[...pools].map((pool) => keys.byPool(pool)),
  ]
  const slots: string[] = []
  for (const { pool, instances } of places) {
    sorted.push(keys.waiting(pool), ...instances.map((instance) => keys.waiting(pool, instance)))
    for (const instance of instances)
      slots.push(keys.slots(`${pool}/${instance}`), keys.takingIn(`${pool}/${instance}`))
  }
  if (remnant.caller !== undefined) sorted.push(keys.waitingOf(remnant.caller))
  if (remnant.scanner_instance !== undefined) {
    slots.push(keys.slots(`${remnant.scanner_pool ?? ''}/${remnant.scanner_instance}`))
  }
  return [...sorted.map((key): Write => ['ZREM', key, taskId]), ...slots.map((key): Write => ['SREM', key, taskId])]
}

/** Erases a scan of which there is only this record, or none: `hash` as it was read. */
export function eraseTraces(
  taskId: string,
  hash: Readonly<Record<string, string>>,
  places: ScannerPlaces,
  keys: ScanKeys,
): Transaction & { readonly remnant: Remnant } {
  const remnant = remnantOf(hash)
  const vault: Write[] = remnant.credentials ? [['DEL', keys.vault(remnant.credentials.ref)]] : []
  return {
    remnant,
    guards: [unchanged(keys.scan(taskId), hash)],
    writes: [['DEL', keys.scan(taskId)], ...untraceWrites(taskId, places, keys, remnant), ...vault],
  }
}

/** Puts a scan into the indexes, the queue and the slot that its record says it is in, where it is missing there. */
export function traceWrites(scan: Scan, keys: ScanKeys): Write[] {
  const created = String(Date.parse(scan.created_at))
  const indexes = [keys.all, keys.byPool(scan.scanner_pool), keys.byStatus(scan.status)]
  const queue = queueOf(scan, keys)
  const queues = queue === undefined ? [] : [queue, ...(scan.caller === undefined ? [] : [keys.waitingOf(scan.caller)])]
  const slot = slotOf(scan)
  const takingIn = takingInOf(scan, keys)
  return [
    ...indexes.map((index): Write => ['ZADD', index, created, scan.task_id]),
    ...queues.map((each): Write => ['ZADD', each, String(waitingScore(scan)), scan.task_id]),
    ...(slot === undefined ? [] : [['SADD', keys.slots(slot), scan.task_id] as const]),
    ...(takingIn === undefined ? [] : [['SADD', takingIn, scan.task_id] as const]),
    ...takenWrites(undefined, scan, keys),
  ]
}
