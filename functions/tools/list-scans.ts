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
  description: 'Older name of list_tasks: the same, with the same filters. Prefer list_tasks.',
  toolset: 'older',
  nature: 'reads',
  arguments: listArguments,
  output: ListResult,
  emits: {},

  run: async (args, context) => ({ reply: { result: await listTasks(args, context) } }),
})
