/**
 * Restores scan records from their snapshots. May be run at any time and by
 * several at once, also while workers run.
 *
 *   RB1. A scan that has a record is left alone, whatever its snapshot says: the record has its events, slot and queue
 *        beside it, which were written with it in one step; a snapshot has nothing. Where it is missing in an index that
 *        its record says it is in, it is put there.
 *   RB2. A scan is restored in one step with all that belongs to it, guarded by there being no record; or, in place of one
 *        that cannot be read, by that being as it was read.
 *   RB3. What had not ended goes on from the step it was at. Each step looks at the scanner before it does anything.
 */
import { causeChain } from '../../base/cause-chain.ts'
import type { Bus } from '../../bus/bus.ts'
import { type BusEvent, newEvent } from '../../bus/event.ts'
import type { Write } from '../../bus/transaction.ts'
import { compileChange, restore } from '../../scans/change.ts'
import { eventAt } from '../../scans/course.ts'
import { isUnreadable, readRecord, type Unreadable } from '../../scans/read-record.ts'
import type { Scan } from '../../scans/record.ts'
import type { ScanKeys } from '../../scans/scan-keys.ts'
import type { Snapshots } from '../../scans/snapshots.ts'
import { isFinal } from '../../scans/states.ts'
import { remnantOf, traceWrites, unchanged, untraceWrites } from '../../scans/traces.ts'
import { idempotencyWrites } from '../start/idempotency.ts'
import { postsTo, type Routes } from '../../runtime/routes.ts'
import { placesOf } from './mend-indexes.ts'

const BATCH = 200

export interface RebuildReport {
  restored: number
  /** Of those, scans that had not ended and go on. */
  resumed: number
  known: number
  /** Scans whose record could not be read, put back as their snapshot says. Counted among the restored. */
  mended: { task_id: string; problem: string }[]
  /** Of the known, those whose task.json was missing or damaged. */
  snapshots_written: number
  /** Of the resumed, those that will fail when they are created: their credentials were in Redis alone. */
  without_credentials: string[]
  damaged: { task_id: string; problem: string }[]
}

interface RebuildDeps {
  readonly bus: Bus
  readonly scanKeys: ScanKeys
  readonly routes: Routes
  readonly snapshots: Snapshots
  readonly scanners: Parameters<typeof placesOf>[0]
  readonly randomHex: (bytes: number) => string
  readonly dryRun: boolean
}

type Hash = Readonly<Record<string, string>>

/** Restores what it can and tells of the rest. Throws when Redis or the data directory cannot be read, or there is no memory left. */
export async function rebuildScans(deps: RebuildDeps): Promise<RebuildReport> {
  const report: RebuildReport = {
    restored: 0,
    resumed: 0,
    known: 0,
    mended: [],
    snapshots_written: 0,
    without_credentials: [],
    damaged: [],
  }
  for (const taskId of await deps.snapshots.list()) {
    const hash = await deps.bus.keyspace.hash(deps.scanKeys.scan(taskId))
    const record = readRecord(taskId, hash)
    if (record && !isUnreadable(record)) {
      report.known += 1
      await reindex(record, deps)
      if (await rewriteSnapshot(record, deps)) report.snapshots_written += 1
    } else await bringBack(taskId, { hash, record, report, deps })
  }
  // Records of which there is no folder: they can be named, and deleted.
  for (const record of await unreadableRecords(deps)) {
    if (!report.damaged.some(({ task_id }) => task_id === record.taskId)) {
      if (!report.mended.some(({ task_id }) => task_id === record.taskId)) report.damaged.push(damage(record))
    }
  }
  return report
}

/** Restores a scan that has no record, or none that can be read. */
async function bringBack(
  taskId: string,
  {
    hash,
    record,
    report,
    deps,
  }: { hash: Hash; record: Unreadable | undefined; report: RebuildReport; deps: RebuildDeps },
): Promise<void> {
  let scan: Scan | undefined
  try {
    scan = await deps.snapshots.read(taskId)
  } catch (error) {
    report.damaged.push({ task_id: taskId, problem: causeChain(error).join(': ') })
    return
  }
  if (!scan) {
    if (record) report.damaged.push(damage(record))
    return
  }
  if (!(await restoreScan(scan, hash, deps))) {
    report.known += 1
    return
  }
  report.restored += 1
  if (record) report.mended.push({ task_id: taskId, problem: record.problem })
  if (isFinal(scan.status)) return
  report.resumed += 1
  if (await lacksCredentials(scan, deps)) report.without_credentials.push(taskId)
}

function damage({ taskId, problem }: Unreadable): RebuildReport['damaged'][number] {
  return {
    task_id: taskId,
    problem: `its record cannot be read (${problem}), and there is no task.json to put it back from; delete it with --force`,
  }
}

async function unreadableRecords({ bus, scanKeys }: RebuildDeps): Promise<Unreadable[]> {
  const out: Unreadable[] = []
  for (let from = 0; ; from += BATCH) {
    const ids = await bus.keyspace.range(scanKeys.all, from, from + BATCH - 1)
    const hashes = await bus.keyspace.hashes(ids.map((id) => scanKeys.scan(id)))
    out.push(...hashes.map((hash, n) => readRecord(ids[n]!, hash)).filter(isUnreadable))
    if (ids.length < BATCH) return out
  }
}

/** Puts a scan back into the indexes it is missing in. */
async function reindex(scan: Scan, { bus, scanKeys, dryRun }: RebuildDeps): Promise<void> {
  if (dryRun) return
  const key = scanKeys.scan(scan.task_id)
  const isAsRead = { if: 'field', key, field: 'rev', is: String(scan.revision), else: 'stale' } as const
  const writes = traceWrites(scan, scanKeys)
  // When it was last looked at is not known where that is gone; where it is there, it stays.
  if ((await bus.keyspace.score(scanKeys.accessed, scan.task_id)) === undefined) {
    writes.push(['ZADD', scanKeys.accessed, String(Date.parse(scan.created_at)), scan.task_id])
  }
  await bus.publish([], { guards: [isAsRead], writes })
}

/** Writes the snapshot of a scan that lost it, from its record. */
async function rewriteSnapshot(scan: Scan, { snapshots, dryRun }: RebuildDeps): Promise<boolean> {
  const isThere = (await snapshots.read(scan.task_id).catch(() => undefined)) !== undefined
  return !isThere && (dryRun || snapshots.write(scan))
}

/** `false` when the scan had a record after all. */
async function restoreScan(scan: Scan, hash: Hash, deps: RebuildDeps): Promise<boolean> {
  const { bus, scanKeys, scanners, routes, randomHex, dryRun } = deps
  if (dryRun) return true
  const event = goesOn(scan, `rebuild-${randomHex(12)}`, bus.now())
  const { next: _, ...quiet } = scan
  const restored = scan.status === 'running' && event ? { ...quiet, next: event.id } : quiet
  const posts = event ? postsTo(routes, event) : []
  const change = compileChange(restore({ ...restored, revision: revisionAfter(scan, hash) }), scanKeys, bus.keys)
  const isThere = Object.keys(hash).length > 0
  // What cannot be read says nothing of where its scan stands: every trace of it goes before the snapshot's are written.
  const away = isThere
    ? [
        ['DEL', scanKeys.scan(scan.task_id)] as const,
        ...untraceWrites(scan.task_id, placesOf(scanners), scanKeys, remnantOf(hash)),
      ]
    : []
  const guards = isThere ? [unchanged(scanKeys.scan(scan.task_id), hash)] : change.guards
  const writes = [...away, ...change.writes, ...(await keyWrites(scan, deps))]
  return (await bus.publish(posts, { ...change, guards, writes })) === 'settled'
}

/** Above that of the record it replaces, so that whoever still acts on that one finds it changed. */
function revisionAfter(scan: Scan, hash: Hash): number {
  const before = Number(hash['rev'] ?? 0)
  return Number.isSafeInteger(before) ? Math.max(scan.revision, before + 1) : scan.revision
}

/** The event with which a scan is taken up again; for one that has ended, its clean-up at the scanner. */
function goesOn(scan: Scan, id: string, now: Date): BusEvent | undefined {
  const common = { id, source: 'rebuild', now }
  const data = { pool: scan.scanner_pool }
  if (scan.status === 'queued') return newEvent({ ...common, type: 'scan.requested', data })
  const about = { ...common, subject: scan.task_id }
  if (scan.status === 'running') return newEvent({ ...about, type: eventAt(scan.step), data: {} })
  const isLeftOver = scan.deleting === true || (scan.origin === 'created' && scan.scanner_scan_id !== undefined)
  return isLeftOver ? newEvent({ ...about, type: 'scan.ended', data }) : undefined
}

/** The idempotency key that started the scan, so that its caller's repetition finds it; unless it has been used anew. */
async function keyWrites(scan: Scan, { bus, scanKeys }: RebuildDeps): Promise<Write[]> {
  if (!scan.idempotency) return []
  if ((await bus.keyspace.get(scanKeys.idempotency(scan.idempotency.key))) !== undefined) return []
  return idempotencyWrites(scan, scanKeys, bus.now())
}

async function lacksCredentials(scan: Scan, { bus, scanKeys }: RebuildDeps): Promise<boolean> {
  const needed = scan.scanner_scan_id === undefined && (scan.step === 'waiting' || scan.step === 'creating')
  if (!needed || scan.credentials?.kind !== 'sealed') return false
  return (await bus.keyspace.get(scanKeys.vault(scan.credentials.ref))) === undefined
}
