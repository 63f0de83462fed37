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
  title: 'Start a network scan',
  description:
    'Scans targets for vulnerabilities over the network, as an outsider, without credentials (unauthenticated). Answers a task_id at once; goes ' +
    'on for hours if you disconnect. Only scan what the user may scan. Next: get_scan_status.',
  nature: 'starts-scan',
  arguments: v.object(runArguments),
  output: RunOutput,
  emits: submissionEmits,

  run: (args, context) => submitScan({ scanType: 'untrusted', args }, context),
})
