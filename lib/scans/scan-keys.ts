/** The names of the keys that hold scans, their indexes, slots and queues. */
import { KEY } from '../bus/keys.ts'
import type { Scan } from './record.ts'
import type { Status } from './states.ts'

export interface ScanKeys {
  scan(taskId: string): string
  /** Sorted set of all scans by when they were created (ms). */
  readonly all: string
  byStatus(status: Status): string
  byPool(pool: string): string
  /** Sorted set of scans by when someone last looked at them (ms). */
  readonly accessed: string
  /** Set of the scans that hold a slot on a scanner (`pool/instance`). */
  slots(scanner: string): string
  /** Sorted set of a pool's waiting scans that any scanner may take, or of those pinned to `instance`. */
  waiting(pool: string, instance?: string): string
  /** Sorted set of one caller's waiting scans. */
  waitingOf(caller: string): string
  /** When each scanner was last given a scan: for taking turns. */
  readonly lastUsed: string
  /** Hash of what is known of each scanner's health. */
  readonly health: string
  /** Hash of what is known of each scanner's login: rejected or not, and who tries. */
  readonly logins: string
  /** Hash of the sealed entries of scanners that have scans under way. */
  readonly kept: string
  /** Sorted set of the reports that one caller (or '', where callers have no names) imported, by their bytes. */
  importedBy(caller: string): string
  /** Hash of the runs of one installation of Nessus that were taken in: each names its scan. */
  taken(server: string): string
  /** Hash of the scans of one installation, as one entry of ours sees it, of which every run was taken in: what they were like then. */
  takenScans(place: string): string
  /** Hash of the last adoption of each scanner (`pool/instance`). */
  readonly adoptions: string
  /** Set of the scans that an adoption began at a scanner (`pool/instance`), and that are under way. */
  takingIn(scanner: string): string
  idempotency(hash: string): string
  vault(ref: string): string
}

export function scanKeys(prefix: string): ScanKeys {
  return {
    scan: (taskId) => `${prefix}${KEY.record}${taskId}`,
    all: `${prefix}:scans`,
    byStatus: (status) => `${prefix}:scans:status:${status}`,
    byPool: (pool) => `${prefix}:scans:pool:${pool}`,
    accessed: `${prefix}:scans:accessed`,
    slots: (scanner) => `${prefix}:slots:${scanner}`,
    waiting: (pool, instance) => `${prefix}:waiting:${pool}${instance === undefined ? '' : `/${instance}`}`,
    waitingOf: (caller) => `${prefix}:waiting-of:${caller}`,
    lastUsed: `${prefix}:scanners:last-used`,
    health: `${prefix}:scanners:health`,
    logins: `${prefix}:scanners:logins`,
    kept: `${prefix}:scanners:kept`,
    importedBy: (caller) => `${prefix}:imported-by:${caller}`,
    taken: (server) => `${prefix}:taken:${server}`,
    takenScans: (place) => `${prefix}:taken-scans:${place}`,
    adoptions: `${prefix}:adoptions`,
    takingIn: (scanner) => `${prefix}:taking-in:${scanner}`,
    idempotency: (hash) => `${prefix}:idempotency:${hash}`,
    vault: (ref) => `${prefix}:vault:${ref}`,
  }
}

/** One step of priority outweighs any time of arrival. */
const PRIORITY_WEIGHT = 1e13

/** How far each scan that a caller has waiting already puts back that caller's next one. */
const FAIR_STEP_MS = 300_000

/**
 * Where a scan stands in its queue: lower is sooner. By priority, then by arrival; a caller with many scans waiting
 * stands behind callers with few, as if its scans had come one at a time.
 */
export function waitingScore(scan: Pick<Scan, 'priority' | 'created_at' | 'behind_own'>): number {
  return -scan.priority * PRIORITY_WEIGHT + Date.parse(scan.created_at) + (scan.behind_own ?? 0) * FAIR_STEP_MS
}
