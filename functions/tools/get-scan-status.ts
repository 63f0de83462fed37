/**
 * MCP tool `get_scan_status`: how a scan is doing, at once or when that changes.
 *
 *   tool.get_scan_status → get_scan_status
 *
 * Safe to run twice: it reads.
 */
import * as v from 'valibot'
import { findScan, touch } from '../../lib/scan-work/show/find-scan.ts'
import { statusView, StatusView } from '../../lib/scan-work/show/status-view.ts'
import { tool, type ToolContext } from '../../lib/runtime/tool.ts'
import type { Scan } from '../../lib/scans/record.ts'
import { hasEnded } from '../../lib/scans/states.ts'
import { TaskId } from '../../lib/scans/task-id.ts'

const WAIT_MAX_SECONDS = 45

export default tool({
  name: 'get_scan_status',
  title: 'Get the status of a scan',
  description:
    'Tells how a scan is doing: status (queued, running, completed, failed, timeout, canceled), step, progress 0 to 100, queue position, ' +
    'times, scanner, and the error with what to do about it. For a completed scan also the counts by severity, whether the credentials ' +
    'worked (authentication_status) and warnings about what was not seen. With wait_seconds it answers as soon as the status, step or ' +
    'progress changes: use 45 and call again while the scan is queued or running.',
  nature: 'reads',
  arguments: v.object({
    task_id: v.pipe(TaskId, v.description('The task_id that the run tool returned.')),
    wait_seconds: v.optional(
      v.pipe(
        v.number(),
        v.minValue(0),
        v.maxValue(WAIT_MAX_SECONDS),
        v.description('Wait up to so long for a change before answering; 0 answers at once.'),
      ),
      0,
    ),
  }),
  output: StatusView,
  emits: {},
  slow: true,
  // A call that waits costs next to nothing.
  concurrency: 500,

  async run({ task_id, wait_seconds }, context) {
    const scan = await latest(await findScan(task_id, context), wait_seconds * 1000, context)
    return { reply: { result: await statusView(scan, context) }, also: touch(scan, context) }
  },
})

/** The scan once something a person would call a change has happened, or as it is when the time is up. */
async function latest(scan: Scan, waitMs: number, context: ToolContext): Promise<Scan> {
  const deadlineMs = performance.now() + waitMs
  let current = scan
  while (!hasEnded(current.status) && !context.signal.aborted) {
    const leftMs = deadlineMs - performance.now()
    if (leftMs <= 0) break
    await context.changed(scan.task_id, current.revision, leftMs, context.signal)
    current = await findScan(scan.task_id, context)
    if (!looksTheSame(current, scan)) break
  }
  return current
}

/** A pause, a stop that was asked for and a scanner that went away are news, though the step stays what it was. */
function looksTheSame(a: Scan, b: Scan): boolean {
  const shown = (scan: Scan) =>
    [scan.status, scan.step, scan.progress, scan.scanner_status, scan.stopping?.as, scan.trouble?.since].join()
  return shown(a) === shown(b)
}
