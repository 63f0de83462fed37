/** What follows a change of a scan that took effect: its snapshot beside the results, a line in the log, and the counts. */
import * as v from 'valibot'
import type { Log } from '../../lib/base/log.ts'
import type { Delivery } from '../../lib/bus/bus.ts'
import { removeIfDeleted } from '../../lib/scan-work/end/remove-if-deleted.ts'
import type { Layer } from '../../lib/runtime/runner.ts'
import type { Services } from '../../lib/runtime/services.ts'
import type { Metrics } from '../../lib/observe/metrics.ts'
import type { ScanChange } from '../../lib/scans/change.ts'
import { scannerKey, type Scan } from '../../lib/scans/record.ts'
import type { Snapshots } from '../../lib/scans/snapshots.ts'

export interface Recording {
  readonly snapshots: Snapshots
  readonly services: Pick<Services, 'scans' | 'reports' | 'keyspace' | 'busKeys'>
  readonly metrics: Metrics
  readonly log: Log
}

export interface Recorder {
  /** The layer that hears of each change once it is in Redis; what fails here is logged. */
  readonly recordChanges: Layer
  /**
   * The layer that makes up for the last snapshot of a scan whose worker died between its settle and that snapshot: before
   * an event is run, it writes the record of a scan that has ended once more. Does nothing for any other event.
   */
  readonly makeUpFirst: Layer
}

export function makeRecorder({ snapshots, services, metrics, log }: Recording): Recorder {
  const snapshot = async (scan: Scan): Promise<void> => {
    try {
      const isNewest = await snapshots.write(scan)
      const current = await services.scans.get(scan.task_id)
      // Deleted meanwhile, however long this worker was suspended: the snapshot must not bring its folder back.
      if (!current) return await removeIfDeleted(scan.task_id, services)
      // Two workers may write at once, the older record last: whoever finds Redis ahead of what it wrote writes that too.
      if (isNewest && current.revision > scan.revision) return await snapshot(current)
      // Redis knows of nothing newer: it went back in time, and the snapshot is of a future that will not be.
      if (!isNewest && current.revision === scan.revision) await snapshots.write(scan, { over: true })
    } catch (error) {
      // The record is in Redis; a snapshot that fails (a full disk) is written again at the next transition.
      log.warn('task.json not written', { task_id: scan.task_id, status: scan.status, error: String(error) })
    }
  }
  const record = async (change: ScanChange, delivery: Delivery): Promise<void> => {
    const { before, after } = change
    if (isNews(before, after)) log.info(after ? 'scan' : 'scan deleted', lineOf(change, delivery))
    if (!after || (before?.status === after.status && before.step === after.step)) return
    if (before?.status !== after.status) count(after, metrics)
    await snapshot(after)
  }
  const makeUp = async ({ function: name, event }: Delivery): Promise<void> => {
    // Every end of a scan comes by the clean-up, on whichever worker.
    if (name !== 'clean-up' || event?.type !== 'scan.ended' || event.subject === undefined) return
    // When the record cannot be read, the event will fail for the same reason and come again.
    const scan = await services.scans.get(event.subject).catch(() => undefined)
    if (scan) await snapshot(scan)
  }
  return {
    async recordChanges(delivery, next) {
      const ran = await next()
      for (const change of ran.changes) await record(change, delivery)
      return ran
    },

    async makeUpFirst(delivery, next) {
      await makeUp(delivery)
      return next()
    },
  }
}

/** Whether a person would call it a change: progress alone is none. */
function isNews(before: Scan | undefined, after: Scan | undefined): boolean {
  return JSON.stringify(shown(before)) !== JSON.stringify(shown(after))
}

/** What of a record a line of the log tells. */
function shown(scan: Scan | undefined) {
  if (!scan) return undefined
  const { status, step, priority, deleting, scanner_status, stopping, trouble } = scan
  // A pause at the scanner is somebody's act; its other words only follow the step.
  const paused = scanner_status === 'paused' ? true : undefined
  return { status, step, priority, deleting, paused, stopping: stopping?.reason, trouble: trouble?.message }
}

const Origin = v.object({ caller: v.optional(v.string()), source: v.optional(v.string()) })

/** Who changed what, by which way, from what to what. */
function lineOf({ before, after }: ScanChange, { function: name, event }: Delivery): object {
  const scan = (after ?? before)!
  const origin = v.safeParse(Origin, event?.data)
  const isCall = event?.type.startsWith('tool.') === true
  return {
    task_id: scan.task_id,
    trace: scan.trace_id,
    status: after?.status ?? 'deleted',
    step: scan.step,
    scanner: scannerKey(scan) ?? scan.scanner_pool,
    function: name,
    source: (isCall && origin.success ? origin.output.source : undefined) ?? (isCall ? 'gateway' : 'upkeep'),
    caller: (isCall && origin.success ? origin.output.caller : undefined) ?? null,
    owner: scan.caller ?? null,
    before: shown(before) ?? null,
    after: shown(after) ?? null,
    ...(after?.failure ? { error: after.failure.message } : {}),
  }
}

function count(scan: Scan, metrics: Metrics): void {
  metrics.scansTotal.inc({ scan_type: scan.scan_type, status: scan.status })
  if (scan.ended_at === undefined) return
  metrics.taskDurationSeconds.observe((Date.parse(scan.ended_at) - Date.parse(scan.created_at)) / 1000)
}
