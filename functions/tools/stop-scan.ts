/**
 * MCP tool `stop_scan`: ends a scan early, keeping what it has found.
 *
 *   tool.stop_scan → stop_scan → scan.stop-requested | scan.ended
 *
 * Safe to run twice: a scan that is stopping or has ended is left as it is.
 */
import * as v from 'valibot'
import { findScan } from '../../lib/scan-work/show/find-scan.ts'
import { cancelWaiting, stopEmits, stopRunning } from '../../lib/scan-work/end/stop-scan.ts'
import { tool } from '../../lib/runtime/tool.ts'
import { isFinal } from '../../lib/scans/states.ts'
import { TaskId } from '../../lib/facts/task-id.ts'

export default tool({
  name: 'stop_scan',
  title: 'Stop a scan',
  description:
    'Cancels (aborts) a queued or running scan; what it found is kept if the scanner has it. Next: get_scan_status.',
  nature: 'destroys',
  // Once stopped, a scan stays so.
  mayBeRepeated: true,
  arguments: v.object({ task_id: v.pipe(TaskId, v.description('The scan.')) }),
  output: v.object({ task_id: v.string(), status: v.string(), stopping: v.boolean(), next: v.string() }),
  emits: { ...stopEmits.running, ...stopEmits.waiting },

  async run({ task_id }, context) {
    const scan = await findScan(task_id, context)
    if (isFinal(scan.status)) {
      const next = `The scan has ended as ${scan.status}; there is nothing to stop.`
      return { reply: { result: { task_id, status: scan.status, stopping: false, next } } }
    }
    const until = scan.stopping?.as ?? 'canceled'
    const next = `Call get_scan_status with wait_seconds 45 until the status is ${until}.`
    const result = {
      task_id,
      status: scan.status === 'queued' ? 'canceled' : scan.status,
      stopping: scan.status === 'running',
      next,
    }
    if (scan.stopping) return { reply: { result } }
    const who = context.caller === undefined ? 'a caller of stop_scan' : context.caller
    const reason = `stopped by ${who}`
    if (scan.status === 'queued') return { ...cancelWaiting(scan, reason, context.now), reply: { result } }
    return { ...stopRunning(scan, reason), reply: { result } }
  },
})
