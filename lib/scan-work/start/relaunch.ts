/**
 * A scan of ours once more: a new scan from what the first was asked for, through the same door. The scan at the scanner is
 * not launched again: it is deleted after a while, its credentials are not kept, and a second run in it would be one that no
 * record of ours knows.
 *
 *   LA1. Only what we made ourselves: what somebody ran at the scanner, or imported, was never asked for here.
 *   LA2. All is asked anew: targets, settings, licence and queue as they are allowed now, a configured credential for who calls now.
 *   LA3. A policy is the one it was, or none.
 */
import { defined } from '../../base/defined.ts'
import { Refusal } from '../../base/errors.ts'
import type { ToolContext } from '../../runtime/tool.ts'
import type { Scan } from '../../scans/record.ts'
import { isFinal } from '../../scans/states.ts'
import { credentialsOf } from './credential-arguments.ts'
import { DEFAULT_TEMPLATE } from './run-arguments.ts'
import type { Submission } from './submit-scan.ts'

export interface RelaunchWanted {
  readonly targets?: string | undefined
  readonly name?: string | undefined
  readonly credential?: string | undefined
  readonly more_credentials?: readonly string[] | undefined
  readonly scanner_pool?: string | undefined
  readonly scanner_instance?: string | undefined
  readonly priority?: number | undefined
  readonly idempotency_key?: string | undefined
}

/** What is to be submitted. Throws Refusal with what to do instead. */
export function relaunchOf(
  scan: Scan,
  wanted: RelaunchWanted,
  context: Pick<ToolContext, 'scanners' | 'sealed' | 'caller'>,
): Submission {
  refuseOthers(scan)
  refuseUnended(scan)
  const pool = wanted.scanner_pool ?? scan.scanner_pool
  const wasPinned = pool === scan.scanner_pool ? scan.pinned_instance : undefined
  const instance = wanted.scanner_instance ?? wasPinned
  const credentials = credentialsAgain(scan, wanted, context)
  const policy = policyAgain(scan, instance)
  return {
    scanType: scan.scan_type,
    again: scan.task_id,
    args: {
      targets: wanted.targets ?? scan.targets.text,
      name: wanted.name ?? scan.name,
      scan_name: undefined,
      description: scan.description,
      schema_profile: scan.schema_profile,
      idempotency_key: wanted.idempotency_key,
      scanner_pool: pool,
      scanner_instance: instance,
      scanner_type: scan.scanner_type,
      template: scan.policy ? DEFAULT_TEMPLATE : scan.template,
      policy: policy?.asked,
      settings: scan.settings,
      priority: wanted.priority ?? scan.priority,
      debug_mode: scan.debug_mode,
    },
    ...defined({ credentials, policy }),
  }
}

function refuseOthers({ task_id, origin }: Scan): void {
  if (origin === 'created') return
  const message =
    origin === 'adopted'
      ? `Scan ${task_id} was taken in from a scanner: it is somebody else's, and is not launched from here. Whoever made it may launch it there, and adopt_scan takes ` +
        'the new run in; or start one of your own with run_untrusted_scan or run_authenticated_scan.'
      : `Scan ${task_id} is an imported report: nothing here knows how it was made. Start one with run_untrusted_scan or run_authenticated_scan.`
  throw new Refusal('conflict', message, { task_id, origin })
}

/** Twice at the same time the same hosts would be scanned twice for one answer. */
function refuseUnended({ task_id, status }: Scan): void {
  if (isFinal(status)) return
  const message = `Scan ${task_id} is ${status}: wait until it has ended (get_scan_status with wait_seconds 45), or stop it with stop_scan.`
  throw new Refusal('conflict', message, { task_id, status })
}

/** Configured ones again, for who calls now. What was sent with the first call was erased when that had ended. */
function credentialsAgain(
  { task_id, credentials, scan_type }: Scan,
  { credential, more_credentials }: RelaunchWanted,
  context: Pick<ToolContext, 'scanners' | 'sealed' | 'caller'>,
): Scan['credentials'] {
  if (credential !== undefined || more_credentials !== undefined) {
    if (!credentials) {
      const message = `credential: scan ${task_id} logs in nowhere (${scan_type}). Start one that does with run_authenticated_scan.`
      throw new Refusal('invalid_argument', message, { arguments: ['credential'] })
    }
    const first = credential ?? (credentials.kind === 'named' ? credentials.ref : undefined)
    if (first !== undefined) return credentialsOf({ credential: first, more_credentials }, context)
  }
  if (credentials?.kind !== 'sealed') {
    return credentials && credentialsOf({ credential: credentials.ref, more_credentials: credentials.more }, context)
  }
  const named = context.scanners.credentialNames(context.caller)
  const choice = named.length === 0 ? '' : `send credential, a configured one (${named.join(', ')}), or `
  const message =
    `credential: the login of scan ${task_id} came with its call and was erased when it had ended; ${choice}call run_authenticated_scan with the login again ` +
    '(get_scan_settings tells the rest).'
  throw new Refusal('invalid_argument', message, { arguments: ['credential'], task_id })
}

/** Ids are each scanner's own: on another one, the policy of that name. */
function policyAgain({ policy, pinned_instance }: Scan, instance: string | undefined): Submission['policy'] {
  if (!policy) return undefined
  if (instance !== undefined && instance === pinned_instance) return policy
  return { asked: policy.name ?? policy.asked }
}
