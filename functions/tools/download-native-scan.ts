/**
 * MCP tool `download_native_scan`: where the report file is.
 *
 *   tool.download_native_scan → download_native_scan
 *
 * Safe to run twice: it reads.
 */
import * as v from 'valibot'
import { findScan, touch } from '../../lib/scan-work/show/find-scan.ts'
import { simulatedEntries, simulatedFirst } from '../../lib/scan-work/show/simulated-scans.ts'
import { tool } from '../../lib/runtime/tool.ts'
import { TaskId } from '../../lib/facts/task-id.ts'

export default tool({
  name: 'download_native_scan',
  title: 'Report file of a scan',
  description:
    'Where the .nessus report is: path on the server, size, SHA-256, and the path at the gateway for a download with the same authorization. For ' +
    'programs that read .nessus files; to read findings use get_scan_results.',
  toolset: 'details',
  nature: 'reads',
  arguments: v.object({ task_id: v.pipe(TaskId, v.description('The scan.')) }),
  output: v.object({
    ...simulatedEntries,
    task_id: v.string(),
    file_path: v.string(),
    size_bytes: v.number(),
    sha256: v.string(),
    format: v.literal('nessus'),
    download_url: v.string(),
  }),
  emits: {},

  async run({ task_id }, context) {
    const scan = await findScan(task_id, context)
    const { path, sizeBytes, sha256 } = await context.reports.native(task_id)
    const result = {
      ...simulatedFirst([scan]),
      task_id,
      file_path: path,
      size_bytes: sizeBytes,
      sha256,
      format: 'nessus' as const,
      download_url: `${context.limits.publicUrl ?? ''}/scans/${task_id}/native`,
    }
    return { reply: { result }, also: touch(scan, context) }
  },
})
