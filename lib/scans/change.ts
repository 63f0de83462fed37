/**
 * A change of a scan's record, and all that must change with it. Functions say
 * only what the record becomes; slots, queues and indexes follow from the
 * difference, in the same atomic step. So these hold by construction:
 *
 *   C1. A scan is in a waiting queue, and counted as its caller's, exactly while it is queued.
 *   C2. A scan of ours holds a slot on its scanner exactly while it is running.
 *   C3. A scanner's slots never hold more than its capacity at admission.
 *   C4. The revision rises by one with every change, and only from the revision the function read.
 */
import { defined } from '../base/defined.ts'
import assert from 'node:assert/strict'
import type { BusKeys } from '../bus/keys.ts'
import type { Guard, Transaction, Write } from '../bus/transaction.ts'
import { scannerKey, type Scan } from './record.ts'
import { waitingScore, type ScanKeys } from './scan-keys.ts'
import { isFinal, legalOrigins } from './states.ts'
import { takenGuards, takenWrites } from './taken-runs.ts'

const LOG_LENGTH_MAX = 10_000

export interface ScanChange {
  readonly before?: Scan
  readonly after?: Scan
  /** Admission only: how many scans the scanner takes at once. */
  readonly capacity?: number
  readonly replay?: boolean
  /** Its report could be had after all. */
  readonly repair?: boolean
  /** A run that is taken in: the scan that had it before, as it was read. */
  readonly had?: string
  /** Rebuild only: the scan begins in whatever status it had. */
  readonly restored?: boolean
}

/** Fields to set; `undefined` removes one. */
export type ScanPatch = { readonly [K in Exclude<keyof Scan, 'task_id' | 'revision'>]?: Scan[K] | undefined }

/** A scan that begins. */
export function begin(scan: Scan, options: Pick<ScanChange, 'had'> = {}): ScanChange {
  return { after: scan, ...options }
}

/** A scan whose record was lost, as its snapshot says it was. */
export function restore(scan: Scan): ScanChange {
  return { after: scan, restored: true }
}

/** A scan that becomes something else. */
export function update(
  scan: Scan,
  patch: ScanPatch,
  options: { capacity?: number; replay?: boolean; repair?: boolean } = {},
): ScanChange {
  const merged = Object.entries({ ...scan, ...patch }).filter(([, value]) => value !== undefined)
  const after = { ...Object.fromEntries(merged), revision: scan.revision + 1 } as Scan
  return { before: scan, after, ...options }
}

/** A scan whose record goes. */
export function erase(scan: Scan): ScanChange {
  return { before: scan }
}

/** Turns a change into what the settle script checks and writes. */
export function compileChange(change: ScanChange, keys: ScanKeys, busKeys: BusKeys): Transaction {
  const { before, after } = change
  const subject = after ?? before
  assert(subject, 'a change has a before or an after')
  const key = keys.scan(subject.task_id)
  const guards: Guard[] = [{ if: 'field', key, field: 'rev', is: before ? String(before.revision) : '', else: 'stale' }]
  if (after && !change.restored) {
    const among = legalOrigins(after.status, { replay: change.replay === true, repair: change.repair === true })
    guards.push({ if: 'field-among', key, field: 'status', among, else: 'illegal' })
  }
  if (after && !before && !change.restored) guards.push(...takenGuards(after, change.had, keys))
  const slot = moved(slotOf(before), slotOf(after))
  if (slot.to !== undefined && change.capacity !== undefined) {
    guards.push({ if: 'room', key: keys.slots(slot.to), below: change.capacity, else: 'stale' })
  }
  return {
    guards,
    grows: before === undefined,
    writes: [
      ...recordWrites(change, key, keys),
      ...placeWrites(subject, {
        ...(slot.from && { from: keys.slots(slot.from) }),
        ...(slot.to && { to: keys.slots(slot.to) }),
      }),
      ...queueWrites(change, keys),
      ...vaultWrites(change, keys),
      ...quotaWrites(change, keys),
      ...takenWrites(before, after, keys),
      ...placeWrites(subject, moved(takingInOf(before, keys), takingInOf(after, keys))),
      logWrite(change, busKeys),
    ],
  }
}

function recordWrites({ before, after }: ScanChange, key: string, keys: ScanKeys): Write[] {
  if (!after) {
    const { task_id: id, status, scanner_pool: pool } = before!
    const indexes = [keys.all, keys.byStatus(status), keys.byPool(pool), keys.accessed]
    return [['DEL', key], ...indexes.map((index): Write => ['ZREM', index, id])]
  }
  const { task_id: id, revision, status } = after
  const writes: Write[] = [
    ['HSET', key, 'id', id, 'rev', String(revision), 'status', status, 'body', JSON.stringify(after)],
  ]
  const created = String(Date.parse(after.created_at))
  // A report from elsewhere stands where its own date puts it; looked at it is now.
  const listed = String(Date.parse(after.listed_at ?? after.created_at))
  if (!before) writes.push(['ZADD', keys.accessed, created, id])
  if (!before || before.listed_at !== after.listed_at) {
    const indexes = [keys.all, keys.byPool(after.scanner_pool)]
    writes.push(...indexes.map((index): Write => ['ZADD', index, listed, id]))
  }
  if (before?.status === status && before.listed_at === after.listed_at) return writes
  if (before && before.status !== status) writes.push(['ZREM', keys.byStatus(before.status), id])
  writes.push(['ZADD', keys.byStatus(status), listed, id])
  return writes
}

/** Moves a scan from one set to another. */
function placeWrites(scan: Scan, set: { from?: string; to?: string }): Write[] {
  const writes: Write[] = []
  if (set.from !== undefined) writes.push(['SREM', set.from, scan.task_id])
  if (set.to !== undefined) writes.push(['SADD', set.to, scan.task_id])
  return writes
}

function queueWrites({ before, after }: ScanChange, keys: ScanKeys): Write[] {
  const queue = moved(queueOf(before, keys), queueOf(after, keys))
  const writes: Write[] = []
  if (queue.from !== undefined) writes.push(['ZREM', queue.from, before!.task_id])
  if (queue.to !== undefined) writes.push(['ZADD', queue.to, String(waitingScore(after!)), after!.task_id])
  const { caller, task_id: id } = (after ?? before)!
  if (caller === undefined || (queue.from === undefined) === (queue.to === undefined)) return writes
  writes.push(
    queue.to === undefined
      ? ['ZREM', keys.waitingOf(caller), id]
      : ['ZADD', keys.waitingOf(caller), String(waitingScore(after!)), id],
  )
  return writes
}

/** Sealed credentials outlive the gateway's short keeping while the scan goes on, and not a moment longer. */
function vaultWrites({ before, after }: ScanChange, keys: ScanKeys): Write[] {
  const { credentials } = after ?? before!
  if (credentials?.kind !== 'sealed') return []
  const key = keys.vault(credentials.ref)
  if (!after || isFinal(after.status)) return [['DEL', key]]
  return before ? [] : [['PERSIST', key]]
}

/** What the reports take that a caller imported. */
function quotaWrites({ before, after }: ScanChange, keys: ScanKeys): Write[] {
  const { origin, caller = '', native, task_id: id } = (after ?? before)!
  if (origin !== 'imported') return []
  if (!after) return [['ZREM', keys.importedBy(caller), id]]
  return before?.native || !native ? [] : [['ZADD', keys.importedBy(caller), String(native.size_bytes), id]]
}

/** The public account of the change: progress, consoles and subscribers follow it. */
function logWrite({ before, after }: ScanChange, busKeys: BusKeys): Write {
  const scan = after ?? before!
  const fields = {
    task: scan.task_id,
    revision: String(scan.revision),
    status: after ? scan.status : 'deleted',
    step: scan.step,
    progress: scan.progress === undefined ? '' : String(scan.progress),
    pool: scan.scanner_pool,
    // A pause, a stop that was asked for and a scanner that went away are news, though the step stays what it was.
    attention: [scan.scanner_status, scan.stopping?.as, scan.trouble?.since].join(' ').trim(),
  }
  return ['XADD', busKeys.log, 'MAXLEN', '~', String(LOG_LENGTH_MAX), '*', ...Object.entries(fields).flat()]
}

/** The queue a scan waits in, by its key. */
export function queueOf(scan: Scan | undefined, keys: ScanKeys): string | undefined {
  return scan?.status === 'queued' ? keys.waiting(scan.scanner_pool, scan.pinned_instance) : undefined
}

/** The scanner whose slot the scan holds. Imported and adopted scans hold none: they make the scanner do no work. */
export function slotOf(scan: Scan | undefined): string | undefined {
  return scan?.status === 'running' && scan.origin === 'created' ? scannerKey(scan) : undefined
}

/** The set of what adoptions have under way that the scan is in. */
export function takingInOf(scan: Scan | undefined, keys: ScanKeys): string | undefined {
  const scanner = scan?.status === 'running' && scan.taken_in_bulk ? scannerKey(scan) : undefined
  return scanner === undefined ? undefined : keys.takingIn(scanner)
}

function moved(from: string | undefined, to: string | undefined): { from?: string; to?: string } {
  if (from === to) return {}
  return { ...defined({ from }), ...defined({ to }) }
}
