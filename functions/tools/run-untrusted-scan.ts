/**
 * MCP tool `run_untrusted_scan`: a network scan without credentials.
 *
 *   tool.run_untrusted_scan → run_untrusted_scan → scan.requested
 *
 * Safe to run twice: an unsettled run has started nothing.
 */
import * as v from 'valibot'
import { runArguments, RunOutput } from '../../lib/scan-work/start/run-arguments.ts'
import { submissionEmits, submitScan } from '../../lib/scan-work/start/submit-scan.ts'
import { tool } from '../../lib/runtime/tool.ts'

export default tool({
  name: 'run_untrusted_scan',
  title: 'Start a network scan without credentials',
  description:
    'Starts a Nessus vulnerability scan that looks at the targets from the network only, without logging in. ' +
    'Use it when you have no credentials or want the view of an outsider. It returns at once with a task_id; the scan ' +
    'runs for minutes to hours and goes on if you disconnect. Only scan what you are allowed to scan. ' +
    'Next: get_scan_status with that task_id.',
  nature: 'starts-scan',
  arguments: v.object(runArguments),
  output: RunOutput,
  emits: submissionEmits,

  run: (args, context) => submitScan({ scanType: 'untrusted', args }, context),
})
