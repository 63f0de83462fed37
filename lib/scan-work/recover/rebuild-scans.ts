/**
 * Restores scan records from their snapshots. May be run at any time and by
 * several at once, also while workers run.
 *
 *   B1. A scan that has a record is left alone, whatever its snapshot says: the record has its events, slot and queue
 *       beside it, which were written with it in one step; a snapshot has nothing.
 *   B2. A scan is restored in one step with all that belongs to it, guarded by there being no record.
 *   B3. What had not ended goes on from the step it was at. Each step looks at the scanner before it does anything.
 */
import { causeChain } from '../../base/cause-chain.ts'
import type { Bus, Post } from '../../bus/bus.ts'
import type { BusEvent } from '../../bus/event.ts'
import type { Write } from '../../bus/transaction.ts'
import { compileChange, restore } from '../../scans/change.ts'
import { eventAt } from '../../scans/course.ts'
import { parseScan, type Scan } from '../../scans/record.ts'
import type { ScanKeys } from '../../scans/scan-keys.ts'
import type { Snapshots } from '../../scans/snapshots.ts'
import { hasEnded } from '../../scans/states.ts'
import { idempotencyWrites } from '../start/idempotency.ts'
import { consumersOf, type Routes } from '../../runtime/routes.ts'

export interface RebuildReport {
  restored: number
  /** Of those, scans that had not ended and go on. */
  resumed: number
  known: number
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
  readonly randomHex: (bytes: number) => string
  readonly dryRun: boolean
}

/** Restores what it can and tells of the rest. Throws when Redis does not answer, or has no memory left. */
export async function rebuildScans(deps: RebuildDeps): Promise<RebuildReport> {
  const report: RebuildReport = {
    restored: 0,
    resumed: 0,
    known: 0,
    snapshots_written: 0,
    without_credentials: [],
    damaged: [],
  }
  for (const taskId of await deps.snapshots.list()) {
    const record = await deps.bus.keyspace.hash(deps.scanKeys.scan(taskId))
    if (record['rev'] !== undefined) {
      report.known += 1
      if (await rewriteSnapshot(taskId, record, deps)) report.snapshots_written += 1
      continue
    }
    let scan: Scan | undefined
    try {
      scan = await deps.snapshots.read(taskId)
    } catch (error) {
      report.damaged.push({ task_id: taskId, problem: causeChain(error).join(': ') })
    }
    if (!scan) continue
    if (!(await restoreScan(scan, deps))) {
      report.known += 1
      continue
    }
    report.restored += 1
    if (hasEnded(scan.status)) continue
    report.resumed += 1
    if (await lacksCredentials(scan, deps)) report.without_credentials.push(taskId)
  }
  return report
}

/** Writes the snapshot of a scan that lost it, from its record. */
async function rewriteSnapshot(
  taskId: string,
  record: Readonly<Record<string, string>>,
  { snapshots, dryRun }: RebuildDeps,
): Promise<boolean> {
  const isThere = (await snapshots.read(taskId).catch(() => undefined)) !== undefined
  const scan = isThere ? undefined : parseScan(record)
  if (!scan) return false
  return dryRun || snapshots.write(scan)
}

/** `false` when the scan had a record after all. */
async function restoreScan(scan: Scan, deps: RebuildDeps): Promise<boolean> {
  const { bus, scanKeys, routes, randomHex, dryRun } = deps
  if (dryRun) return true
  const event = goesOn(scan, `rebuild-${randomHex(12)}`, bus.now())
  const { next: _, ...quiet } = scan
  const restored = scan.status === 'running' && event ? { ...quiet, next: event.id } : quiet
  const posts = event ? consumersOf(routes, event.type).map((to): Post => ({ to, event, delayMs: 0, attempt: 1 })) : []
  const change = compileChange(restore(restored), scanKeys, bus.keys)
  const writes = [...change.writes, ...(await keyWrites(scan, deps))]
  return (await bus.publish(posts, { ...change, writes })) === 'settled'
}

/** The event with which a scan is taken up again; for one that has ended, its clean-up at the scanner. */
function goesOn(scan: Scan, id: string, now: Date): BusEvent | undefined {
  const common = { specversion: '1.0' as const, id, source: 'rebuild', time: now.toISOString() }
  const data = { pool: scan.scanner_pool }
  if (scan.status === 'queued') return { ...common, type: 'scan.requested', data }
  const about = { ...common, subject: scan.task_id }
  if (scan.status === 'running') return { ...about, type: eventAt(scan.step), data: {} }
  const isLeftOver = scan.deleting === true || (scan.origin === 'created' && scan.scanner_scan_id !== undefined)
  return isLeftOver ? { ...about, type: 'scan.ended', data } : undefined
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
