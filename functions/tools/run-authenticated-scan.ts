/**
 * MCP tool `run_authenticated_scan`: a scan that logs in on the targets.
 *
 *   tool.run_authenticated_scan → run_authenticated_scan → scan.requested
 *
 * Safe to run twice: an unsettled run has started nothing.
 */
import * as v from 'valibot'
import { Refusal } from '../../lib/base/errors.ts'
import { ESCALATIONS, isWindows, NO_ESCALATION, SECRET_ARGUMENTS } from '../../lib/facts/credential-fields.ts'
import {
  credentialsOf,
  escalationArguments,
  loginArguments,
  moreCredentials,
  secretArgument,
} from '../../lib/scan-work/start/credential-arguments.ts'
import { runArguments, RunOutput } from '../../lib/scan-work/start/run-arguments.ts'
import { submissionEmits, submitScan } from '../../lib/scan-work/start/submit-scan.ts'
import { tool } from '../../lib/runtime/tool.ts'
import { sameAs } from '../../lib/runtime/toolset.ts'

export default tool({
  name: 'run_authenticated_scan',
  title: 'Start a scan that logs in',
  description:
    'Credentialed scan of targets from inside: missing patches, software. authenticated_privileged also becomes root (sudo), or is Windows ' +
    'administrator. Prefer credential, a configured one; else username and password, or key: sealed, never shown. Next: get_scan_status.',
  nature: 'starts-scan',
  arguments: v.object({
    ...runArguments,
    scan_type: v.pipe(
      v.picklist(['authenticated', 'authenticated_privileged']),
      v.description(
        'With escalation or not. authenticated: plain login; authenticated_privileged: becomes root, or is administrator.',
      ),
    ),
    credential: v.optional(v.pipe(v.string(), v.maxLength(100), v.description('Configured name.'))),
    more_credentials: moreCredentials,
    ...loginArguments,
    ssh_username: v.optional(v.pipe(v.string(), v.maxLength(256), v.description(sameAs('username')))),
    ssh_password: secretArgument(1024, sameAs('password')),
    elevate_privileges_with: v.optional(
      v.pipe(
        v.picklist(ESCALATIONS),
        v.description('How to become root. Over SSH; needed for authenticated_privileged.'),
      ),
      NO_ESCALATION,
    ),
    ...escalationArguments,
  }),
  secrets: SECRET_ARGUMENTS,
  output: RunOutput,
  emits: submissionEmits,

  run(args, context) {
    const { elevate_privileges_with: elevation } = args
    refuseBoth(args, 'username', 'ssh_username')
    refuseBoth(args, 'password', 'ssh_password')
    const given = {
      ...args,
      username: args.username ?? args.ssh_username,
      password: args.password ?? args.ssh_password,
      elevate_privileges_with: elevation === NO_ESCALATION ? undefined : elevation,
    }
    const escalates = elevation !== NO_ESCALATION || isWindows(args.auth_method) || args.credential !== undefined
    if (args.scan_type === 'authenticated_privileged' && !escalates) {
      throw new Refusal(
        'invalid_argument',
        'elevate_privileges_with: expected a way to become root (sudo, su, …), since scan_type is authenticated_privileged; got none. ' +
          'For a login without escalation use scan_type authenticated.',
        { arguments: ['elevate_privileges_with'] },
      )
    }
    return submitScan({ scanType: args.scan_type, args, credentials: credentialsOf(given, context) }, context)
  },
})

/** Masked as they are, two secrets cannot be told apart: which one is meant is for the caller to say. */
function refuseBoth<K extends string>(args: Readonly<Partial<Record<K, unknown>>>, name: K, older: K): void {
  if (args[name] === undefined || args[older] === undefined) return
  throw new Refusal('invalid_argument', `${name} and ${older} are the same thing; send one.`, { arguments: [older] })
}
