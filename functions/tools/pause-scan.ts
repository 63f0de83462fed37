/**
 * MCP tool `pause_scan`: pauses a running scan at its scanner.
 *
 *   tool.pause_scan → pause_scan
 *
 * Safe to run twice: what is paused stays so.
 */
import * as v from 'valibot'
import { steer } from '../../lib/scan-work/end/pausable-scan.ts'
import { findScan } from '../../lib/scan-work/show/find-scan.ts'
import { tool } from '../../lib/runtime/tool.ts'
import { TaskId } from '../../lib/facts/task-id.ts'

export default tool({
  name: 'pause_scan',
  title: 'Pause a scan',
  description:
    'Pauses a running scan at its scanner. It keeps its slot, and its time limit runs on. Next: resume_scan, or stop_scan to end it.',
  toolset: 'control',
  nature: 'changes',
  arguments: v.object({ task_id: v.pipe(TaskId, v.description('The scan.')) }),
  output: v.object({ task_id: v.string(), status: v.string(), next: v.string() }),
  emits: {},

  async run({ task_id }, context) {
    const scan = await findScan(task_id, context)
    await steer(scan, context, 'pause')
    const result = {
      task_id,
      status: scan.status,
      next: 'Call resume_scan to go on. get_scan_status shows scanner_status paused.',
    }
    return { reply: { result } }
  },
})
