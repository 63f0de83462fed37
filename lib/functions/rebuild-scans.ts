/** Restores scan records from their snapshots. Safe to run again: a scan that has a record is left alone. */
import { causeChain } from '../base/cause-chain.ts'
import type { Bus, Post } from '../bus/bus.ts'
import type { BusEvent } from '../bus/event.ts'
import { compileChange, restore } from '../scans/change.ts'
import type { Scan } from '../scans/record.ts'
import type { ScanKeys } from '../scans/scan-keys.ts'
import type { Snapshots } from '../scans/snapshots.ts'
import { consumersOf, type Routes } from './routes.ts'
import { eventAt } from './step-events.ts'

export interface RebuildReport {
  restored: number
  /** Of those, scans that had not ended and go on. */
  resumed: number
  known: number
  damaged: { task_id: string; problem: string }[]
}

export async function rebuildScans(deps: {
  bus: Bus
  scanKeys: ScanKeys
  routes: Routes
  snapshots: Snapshots
  randomHex: (bytes: number) => string
  dryRun: boolean
}): Promise<RebuildReport> {
  const { bus, scanKeys, snapshots } = deps
  const report: RebuildReport = { restored: 0, resumed: 0, known: 0, damaged: [] }
  for (const taskId of await snapshots.list()) {
    try {
      const scan = await snapshots.read(taskId)
      if (!scan) continue
      const known = (await bus.keyspace.hash(scanKeys.scan(taskId)))['rev'] !== undefined
      if (known || !(await restoreScan(scan, deps))) {
        report.known += 1
        continue
      }
      report.restored += 1
      if (scan.ended_at === undefined) report.resumed += 1
    } catch (error) {
      report.damaged.push({ task_id: taskId, problem: causeChain(error).join(': ') })
    }
  }
  return report
}

/** `false` when the scan had a record after all. */
async function restoreScan(
  scan: Scan,
  { bus, scanKeys, routes, randomHex, dryRun }: Parameters<typeof rebuildScans>[0],
): Promise<boolean> {
  if (dryRun) return true
  const event = goesOn(scan, `rebuild-${randomHex(12)}`, bus.now())
  const { next: _, ...quiet } = scan
  const restored = event?.subject === undefined ? quiet : { ...quiet, next: event.id }
  const posts = event ? consumersOf(routes, event.type).map((to): Post => ({ to, event, delayMs: 0, attempt: 1 })) : []
  return (await bus.publish(posts, compileChange(restore(restored), scanKeys, bus.keys))) === 'settled'
}

/** The event with which a scan that had not ended is taken up again. */
function goesOn(scan: Scan, id: string, now: Date): BusEvent | undefined {
  if (scan.status !== 'queued' && scan.status !== 'running') return undefined
  const common = { specversion: '1.0' as const, id, source: 'rebuild', time: now.toISOString() }
  if (scan.status === 'queued') return { ...common, type: 'scan.requested', data: { pool: scan.scanner_pool } }
  return { ...common, type: eventAt(scan.step), subject: scan.task_id, data: {} }
}
