/**
 * MCP tool `resume_scan`: resumes a running scan at its scanner.
 *
 *   tool.resume_scan → resume_scan
 *
 * Safe to run twice: what is resumed stays so.
 */
import * as v from 'valibot'
import { steer } from '../../lib/scan-work/end/pausable-scan.ts'
import { findScan } from '../../lib/scan-work/show/find-scan.ts'
import { tool } from '../../lib/runtime/tool.ts'
import { TaskId } from '../../lib/facts/task-id.ts'

export default tool({
  name: 'resume_scan',
  title: 'Resume a scan',
  description: 'Lets a paused scan go on at its scanner. Next: get_scan_status.',
  toolset: 'control',
  nature: 'changes',
  arguments: v.object({ task_id: v.pipe(TaskId, v.description('The scan.')) }),
  output: v.object({ task_id: v.string(), status: v.string(), next: v.string() }),
  emits: {},

  async run({ task_id }, context) {
    const scan = await findScan(task_id, context)
    await steer(scan, context, 'resume')
    const result = {
      task_id,
      status: scan.status,
      next: 'Call get_scan_status with wait_seconds 45 until the status is completed.',
    }
    return { reply: { result } }
  },
})
