/**
 * MCP tool `list_scans`: the older name of `list_tasks`.
 *
 *   tool.list_scans → list_scans
 *
 * Safe to run twice: it reads.
 */
import { listArguments, listTasks, ListResult } from '../../lib/scan-work/show/list-scans.ts'
import { tool } from '../../lib/runtime/tool.ts'

export default tool({
  name: 'list_scans',
  title: 'List scans (older name)',
  description:
    'Same as list_tasks, under its older name: scans, newest first, with the same filters. Prefer list_tasks.',
  nature: 'reads',
  arguments: listArguments,
  output: ListResult,
  emits: {},

  run: async (args, context) => ({ reply: { result: await listTasks(args, context) } }),
})
