/**
 * MCP tool `run_privileged_scan`: the older name of an authenticated scan with escalation.
 *
 *   tool.run_privileged_scan → run_privileged_scan → scan.requested
 *
 * Safe to run twice: an unsettled run has started nothing.
 */
import * as v from 'valibot'
import { ESCALATIONS, NO_ESCALATION, SECRET_ARGUMENTS } from '../../lib/facts/credential-fields.ts'
import {
  credentialsOf,
  escalationArguments,
  loginArguments,
  requiredUsername,
} from '../../lib/scan-work/start/credential-arguments.ts'
import { runArguments, RunOutput } from '../../lib/scan-work/start/run-arguments.ts'
import { submissionEmits, submitScan } from '../../lib/scan-work/start/submit-scan.ts'
import { tool } from '../../lib/runtime/tool.ts'

export default tool({
  name: 'run_privileged_scan',
  title: 'Start a scan that becomes root',
  description:
    'Older name of run_authenticated_scan with scan_type authenticated_privileged: logs in and becomes root or another account by ' +
    'escalation_method (sudo, su, …). Prefer run_authenticated_scan, which also takes configured credentials. Next: get_scan_status.',
  toolset: 'older',
  nature: 'starts-scan',
  arguments: v.object({
    ...runArguments,
    ...loginArguments,
    username: requiredUsername,
    escalation_method: v.pipe(
      v.picklist(ESCALATIONS.filter((method) => method !== NO_ESCALATION)),
      v.description('How to become the escalation account.'),
    ),
    ...escalationArguments,
  }),
  secrets: SECRET_ARGUMENTS,
  output: RunOutput,
  emits: submissionEmits,

  run(args, context) {
    const credentials = credentialsOf({ ...args, elevate_privileges_with: args.escalation_method }, context)
    return submitScan({ scanType: 'authenticated_privileged', args, credentials }, context)
  },
})
