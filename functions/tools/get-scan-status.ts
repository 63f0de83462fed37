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
import { tool } from '../../lib/runtime/tool.ts'
import type { Scan } from '../../lib/scans/record.ts'
import { isFinal } from '../../lib/scans/states.ts'
import { TaskId } from '../../lib/facts/task-id.ts'

const WAIT_MAX_SECONDS = 45

export default tool({
  name: 'get_scan_status',
  title: 'Status of a scan',
  description:
    'How far a scan is: running, queued, completed, failed, timeout or canceled; progress, place in the queue, why it waits, is not starting or ' +
    'failed and what to do; date of start, end. At its end: did the credentials work. While it is running or queued call again with wait_seconds ' +
    '45.',
  nature: 'reads',
  arguments: v.object({
    task_id: v.pipe(TaskId, v.description('The scan.')),
    wait_seconds: v.optional(
      v.pipe(
        v.number(),
        v.minValue(0),
        v.maxValue(WAIT_MAX_SECONDS),
        v.description('How long to wait for a change. 0 answers at once.'),
      ),
      0,
    ),
  }),
  output: StatusView,
  emits: {},
  slow: true,
  waits: { argument: 'wait_seconds', secondsMax: WAIT_MAX_SECONDS, sign: signOf },

  async run({ task_id }, context) {
    const scan = await findScan(task_id, context)
    return { reply: { result: await statusView(scan, context) }, also: touch(scan, context) }
  },
})

/** A pause, a stop that was asked for and a scanner that went away are changes too; progress is told by notices. */
function signOf(result: Readonly<Record<string, unknown>>): string | undefined {
  const { status, step, scanner_status, stopping, trouble } = result as v.InferOutput<typeof StatusView>
  return isFinal(status as Scan['status']) ? undefined : [status, step, scanner_status, stopping, trouble?.since].join()
}
