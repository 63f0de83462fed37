/**
 * MCP tool `list_tasks`: the scans there are, newest first.
 *
 *   tool.list_tasks → list_tasks
 *
 * Safe to run twice: it reads.
 */
import { listArguments, listTasks, ListResult } from '../../lib/scan-work/show/list-scans.ts'
import { tool } from '../../lib/runtime/tool.ts'

export default tool({
  name: 'list_tasks',
  title: 'List scans',
  description:
    'Lists scans, newest first, with status, name, targets and times. Filter by status, scan type, pool, or a target address or network ' +
    '(an address matches the networks that contain it, and the reverse). Use it to find the task_id of an earlier scan. ' +
    'Follow next_cursor for older ones.',
  nature: 'reads',
  arguments: listArguments,
  output: ListResult,
  emits: {},

  run: async (args, context) => ({ reply: { result: await listTasks(args, context) } }),
})
