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
    'Which scans we have, latest first: when each was run (date, start), task_id, name, status, targets, policy. The last scan, earlier ones, ' +
    'has anyone ever scanned 10.0.0.5: by address or network, status, type, pool.',
  nature: 'reads',
  arguments: listArguments,
  output: ListResult,
  emits: {},

  run: async (args, context) => ({ reply: { result: await listTasks(args, context) } }),
})
