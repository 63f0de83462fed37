/**
 * MCP tool `relaunch_scan`: a scan of ours once more, as a new one.
 *
 *   tool.relaunch_scan → relaunch_scan → scan.requested
 *
 * Safe to run twice: an unsettled run has started nothing.
 */
import * as v from 'valibot'
import { TaskId } from '../../lib/facts/task-id.ts'
import { moreCredentials } from '../../lib/scan-work/start/credential-arguments.ts'
import { relaunchOf } from '../../lib/scan-work/start/relaunch.ts'
import { runArguments, RunOutput } from '../../lib/scan-work/start/run-arguments.ts'
import { submissionEmits, submitScan } from '../../lib/scan-work/start/submit-scan.ts'
import { findScan } from '../../lib/scan-work/show/find-scan.ts'
import { tool } from '../../lib/runtime/tool.ts'

const { scanner_pool, scanner_instance, idempotency_key } = runArguments
const NAME_CHARS_MAX = 200

export default tool({
  name: 'relaunch_scan',
  title: 'Run a scan again',
  description:
    'Repeats a scan that we ran and that has ended, with the same settings, on the same targets or on others: a new scan with a task_id of its own. ' +
    'Scans that people made at the scanner are not launched. A login that came with the first call is gone: send credential. Then: get_scan_status, compare_scans.',
  toolset: 'scanners',
  nature: 'starts-scan',
  arguments: v.object({
    task_id: v.pipe(TaskId, v.description('The scan to repeat.')),
    targets: v.optional(v.pipe(runArguments.targets, v.description('Others than it had.'))),
    name: v.optional(v.pipe(v.string(), v.maxLength(NAME_CHARS_MAX), v.description('Default: the name it had.'))),
    credential: v.optional(
      v.pipe(v.string(), v.maxLength(100), v.description('Configured name. Default: the one it had.')),
    ),
    more_credentials: moreCredentials,
    scanner_pool: v.optional(v.pipe(scanner_pool.wrapped, v.description('Default: the pool it had.'))),
    scanner_instance,
    priority: v.optional(v.pipe(runArguments.priority.wrapped, v.description('Default: the one it had.'))),
    idempotency_key,
  }),
  output: v.object({
    ...RunOutput.entries,
    /** The scan that is repeated. */
    relaunch_of: v.string(),
  }),
  emits: submissionEmits,

  async run({ task_id, ...wanted }, context) {
    const scan = await findScan(task_id, context)
    const { reply, ...outcome } = await submitScan(relaunchOf(scan, wanted, context), context)
    return { ...outcome, reply: { result: { ...reply.result, relaunch_of: task_id } } }
  },
})
