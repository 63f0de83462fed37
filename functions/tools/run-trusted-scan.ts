/**
 * MCP tool `run_trusted_scan`: the older name of an authenticated scan without escalation.
 *
 *   tool.run_trusted_scan → run_trusted_scan → scan.requested
 *
 * Safe to run twice: an unsettled run has started nothing.
 */
import * as v from 'valibot'
import { SECRET_ARGUMENTS } from '../../lib/facts/credential-fields.ts'
import { credentialsOf, loginArguments, requiredUsername } from '../../lib/scan-work/start/credential-arguments.ts'
import { runArguments, RunOutput } from '../../lib/scan-work/start/run-arguments.ts'
import { submissionEmits, submitScan } from '../../lib/scan-work/start/submit-scan.ts'
import { tool } from '../../lib/runtime/tool.ts'

export default tool({
  name: 'run_trusted_scan',
  title: 'Start a scan with a plain login',
  description:
    'Older name of run_authenticated_scan with scan_type authenticated: logs in with username and password, or a key, and does not escalate. ' +
    'Prefer run_authenticated_scan, which also takes configured credentials. Next: get_scan_status.',
  toolset: 'older',
  nature: 'starts-scan',
  arguments: v.object({ ...runArguments, ...loginArguments, username: requiredUsername }),
  secrets: SECRET_ARGUMENTS,
  output: RunOutput,
  emits: submissionEmits,

  run(args, context) {
    return submitScan({ scanType: 'authenticated', args, credentials: credentialsOf(args, context) }, context)
  },
})
