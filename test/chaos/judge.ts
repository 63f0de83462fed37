/**
 * The judge: looks from outside at what a run left behind, when everything has
 * healed and come to rest, and names each broken promise.
 *
 *   lost            an accepted scan has no record, though nobody deleted it
 *   unfinished      a scan has not ended
 *   wrong           a scan ended in a way that what was done to it does not explain
 *   double launch   a scanner was made to run one scan twice
 *   double create   a scanner was made to create one scan twice, and has both
 *   orphan          the scanner has, or runs, something of ours that no record knows
 *   history         the revisions of a scan are not 1, 2, 3 … once each
 *   leaked slot     a slot is held by a scan that does not run
 *   index           queues and indexes do not agree with the records
 *   unasked         a scan that nobody submitted: one call has started two
 *   snapshot        the task.json of an ended scan does not say how it ended
 *   left over       an inbox, a pending list or the delayed set is not empty; a key that nothing explains
 */
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { markerOf, type Counts, type ScanCounts } from '../support/simulator-judge.ts'
import { allKeys, delayed, inboxDepths, slotHolders, storedScans } from './redis-eye.ts'
import type { EyeClient, LogEntry, StoredScan } from './redis-eye.ts'

export const PROMISES = [
  'lost',
  'unfinished',
  'wrong',
  'double launch',
  'double create',
  'orphan',
  'history',
  'leaked slot',
  'index',
  'unasked',
  'snapshot',
  'left over',
] as const
export type Promised = (typeof PROMISES)[number]
export interface Violation {
  readonly promise: Promised
  readonly detail: string
}

export interface Accepted {
  readonly taskId: string
  /** Somebody asked for it to be stopped, or may have. */
  stopped?: boolean
  /** Somebody asked for it to be deleted, or may have. */
  deleted?: boolean
}

export interface Evidence {
  readonly client: EyeClient
  readonly dataDir: string
  readonly counts: readonly Counts[]
  readonly accepted: readonly Accepted[]
  readonly log: readonly LogEntry[]
  /** Whether a scan that failed may be explained by trouble that was made at the scanner. */
  readonly failuresAllowed: boolean
}

export async function judge(evidence: Evidence): Promise<Violation[]> {
  const stored = new Map((await storedScans(evidence.client)).map((scan) => [scan.task_id, scan]))
  const counted = evidence.counts.flatMap(({ scans }) => scans)
  return [
    ...evidence.accepted.flatMap((scan) => judgeScan(scan, stored.get(scan.taskId), counted, evidence)),
    ...judgeScanners(counted, stored),
    ...judgeUnasked(evidence.accepted, stored),
    ...judgeHistory(evidence.log),
    ...(await judgeRest(evidence, stored)),
  ]
}

function judgeScan(
  accepted: Accepted,
  scan: StoredScan | undefined,
  counted: readonly ScanCounts[],
  { dataDir, failuresAllowed }: Evidence,
): Violation[] {
  const { taskId } = accepted
  const told = (promise: Promised, detail: string): Violation[] => [{ promise, detail: `${taskId}: ${detail}` }]
  if (!scan) return accepted.deleted ? [] : told('lost', 'accepted, and there is no record')
  const at = `${scan.status} (${scan.step}) ${scan.failure ? `${scan.failure.step}: ${scan.failure.message}` : ''}`
  switch (scan.status) {
    case 'completed': {
      const runs = counted.filter((each) => markerOf(each) === taskId).reduce((sum, { launches }) => sum + launches, 0)
      if (runs === 0) return told('wrong', 'completed, though no scanner ran it')
      if (!existsSync(join(dataDir, taskId, 'scan_native.nessus'))) return told('wrong', 'completed without a report')
      return (scan.results_summary?.hosts_scanned ?? 0) > 0 ? [] : told('wrong', 'completed, and no host was read')
    }
    case 'canceled':
      return accepted.stopped || accepted.deleted ? [] : told('wrong', `nobody stopped it: ${at}`)
    case 'failed':
      return failuresAllowed ? [] : told('wrong', at)
    default:
      return told('unfinished', at)
  }
}

function judgeScanners(counted: readonly ScanCounts[], stored: ReadonlyMap<string, StoredScan>): Violation[] {
  return counted.flatMap((each): Violation[] => {
    const task = markerOf(each)
    const found: Violation[] = []
    if (each.launches > 1) found.push({ promise: 'double launch', detail: `${task}: launched ${each.launches} times` })
    const left = each.creates - each.deletes
    if (left > 1)
      found.push({ promise: 'double create', detail: `${task}: ${left} at the scanner (${each.ids.join(', ')})` })
    const isKnown = stored.get(task)?.scanner_scan_id !== undefined
    if (left > 0 && !isKnown)
      found.push({ promise: 'orphan', detail: `${task}: ${each.status} at the scanner, unknown to us` })
    else if (['running', 'pending', 'paused', 'stopping'].includes(each.status)) {
      found.push({ promise: 'orphan', detail: `${task}: still ${each.status} at the scanner` })
    }
    return found
  })
}

function judgeUnasked(accepted: readonly Accepted[], stored: ReadonlyMap<string, StoredScan>): Violation[] {
  const known = new Set(accepted.map(({ taskId }) => taskId))
  return [...stored.values()]
    .filter(({ task_id: id }) => !known.has(id))
    .map(({ task_id: id, name }): Violation => ({ promise: 'unasked', detail: `${id} (${name})` }))
}

function judgeHistory(log: readonly LogEntry[]): Violation[] {
  const revisions = new Map<string, number[]>()
  for (const { task, revision, status } of log) {
    if (status === 'deleted') continue
    const known = revisions.get(task) ?? []
    known.push(revision)
    revisions.set(task, known)
  }
  return [...revisions].flatMap(([task, seen]): Violation[] => {
    const broken = seen.findIndex((revision, at) => revision !== at + 1)
    return broken < 0 ? [] : [{ promise: 'history', detail: `${task}: revisions ${seen.slice(0, 40).join(' ')}` }]
  })
}

async function judgeRest({ client }: Evidence, stored: ReadonlyMap<string, StoredScan>): Promise<Violation[]> {
  const holders = await slotHolders(client)
  const inboxes = Object.entries(await inboxDepths(client))
  const due = (await delayed(client)).filter((member) => !member.endsWith('@clean-up'))
  return [
    ...holders
      .filter((task) => stored.get(task)?.status !== 'running')
      .map((task): Violation => ({
        promise: 'leaked slot',
        detail: `${task} is ${stored.get(task)?.status ?? 'gone'}`,
      })),
    ...inboxes.map(([name, depth]): Violation => ({
      promise: 'left over',
      detail: `${depth} in the inbox of ${name}`,
    })),
    ...due.map((member): Violation => ({ promise: 'left over', detail: `due later: ${member}` })),
    ...(await unexplainedKeys(client, stored)),
    ...(await judgeIndexes(client, stored)),
  ]
}

const EXPLAINED =
  /^\{nessus\}:(in|hosting|seen|reply|idempotency|scan|scans|slots|scanners|log|dead|counters|delayed)(:|$)/

async function unexplainedKeys(client: EyeClient, stored: ReadonlyMap<string, StoredScan>): Promise<Violation[]> {
  const found: Violation[] = []
  for (const key of await allKeys(client)) {
    const unexplained = !EXPLAINED.test(key) || (key.startsWith('{nessus}:scan:') && !stored.has(key.slice(14)))
    // What is remembered for a while must not be remembered for ever.
    const isForEver = /:(seen|reply|idempotency):/.test(key) && (await client.pTTL(key)) === -1
    if (unexplained || isForEver)
      found.push({ promise: 'left over', detail: `key ${key}${isForEver ? ' without an end' : ''}` })
  }
  return found
}

async function judgeIndexes(client: EyeClient, stored: ReadonlyMap<string, StoredScan>): Promise<Violation[]> {
  const scans = [...stored.values()]
  const expected = (matches: (scan: StoredScan) => boolean) => scans.filter(matches).map(({ task_id: id }) => id)
  const wanted = new Map([['{nessus}:scans', expected(() => true)]])
  for (const status of new Set(['queued', 'running', ...scans.map((scan) => scan.status)]))
    wanted.set(
      `{nessus}:scans:status:${status}`,
      expected((scan) => scan.status === status),
    )
  for (const pool of new Set(scans.map((scan) => scan.scanner_pool)))
    wanted.set(
      `{nessus}:scans:pool:${pool}`,
      expected((scan) => scan.scanner_pool === pool),
    )
  const found: Violation[] = []
  for (const [key, ids] of wanted) {
    const members = await client.zRange(key, 0, -1)
    const same = members.toSorted().join() === ids.toSorted().join()
    if (!same) found.push({ promise: 'index', detail: `${key} has ${members.length}, the records say ${ids.length}` })
  }
  return found
}

/** The violations by promise, for a table. */
export function tally(violations: readonly Violation[]): Record<Promised, number> {
  const count = (promise: Promised) => violations.filter((violation) => violation.promise === promise).length
  return Object.fromEntries(PROMISES.map((promise) => [promise, count(promise)])) as Record<Promised, number>
}
