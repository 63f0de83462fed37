/** A scan as programs ask for it, and the run tool that it becomes. */
import { NO_ESCALATION } from '../facts/credential-fields.ts'
import { idempotencyKey } from './idempotency-key.ts'
import type { Arguments } from './call.ts'

type Authenticated = Arguments<'run_authenticated_scan'>

/** What to scan and how. With a `credential` or a `username` the scan logs in; with neither it looks from outside. */
export type ScanRequest = RequestDetails & ({ readonly name: string } | { readonly scan_name: string })

export interface RequestDetails extends Omit<Partial<Authenticated>, 'targets' | 'scan_type'> {
  /** Addresses, networks, ranges and host names; a text may hold several. */
  readonly targets: string | readonly string[]
  /** Chosen by the credentials when left out. */
  readonly scan_type?: 'untrusted' | 'authenticated' | 'authenticated_privileged'
  /** Derives `idempotency_key` from the request: asking again within 48 hours returns the first scan. */
  readonly idempotent?: boolean
}

export type RunCall = {
  [T in 'run_untrusted_scan' | 'run_authenticated_scan']: {
    readonly tool: T
    readonly args: Arguments<T>
  }
}['run_untrusted_scan' | 'run_authenticated_scan']

const LOGIN = ['credential', 'username', 'ssh_username'] as const

/** The call that `request` becomes. */
export async function runCall(request: ScanRequest): Promise<RunCall> {
  const { targets, idempotent = false, scan_type: type, ...rest } = request
  const list = typeof targets === 'string' ? targets : targets.join(',')
  const call = chooseTool({ ...rest, targets: list }, type)
  if (!idempotent || call.args.idempotency_key !== undefined) return call
  const key = await idempotencyKey(call.tool, call.args)
  return { ...call, args: { ...call.args, idempotency_key: key } } as RunCall
}

function chooseTool(
  args: Omit<RequestDetails, 'targets' | 'idempotent' | 'scan_type'> & { targets: string },
  type: RequestDetails['scan_type'],
): RunCall {
  const logsIn = LOGIN.some((name) => args[name] !== undefined)
  if (type === 'untrusted' || (type === undefined && !logsIn)) return { tool: 'run_untrusted_scan', args }
  const escalates = args.elevate_privileges_with !== undefined && args.elevate_privileges_with !== NO_ESCALATION
  const scanType = type ?? (escalates ? 'authenticated_privileged' : 'authenticated')
  return { tool: 'run_authenticated_scan', args: { ...args, scan_type: scanType } }
}
