/**
 * Decides for one host whether the login worked, from what its own plugins said.
 *
 *  local checks   Credentialed_Scan, plugin 19506 or 117887; sources that disagree decide nothing
 *  login          141118, or 97993 / 12634 that tell of a login, or local checks that ran
 *  privileged     login as root, an `Escalation:` that worked, or local checks over SMB (24786 tells when the
 *                 account is no administrator), and nobody complained
 *  failed         104410 and no 141118
 *  silence        unknown, never "not authenticated"
 */
import type { Evidence, HostEvidence } from './evidence.ts'
import { EVIDENCE_PLUGINS } from './evidence.ts'
import type { Authentication, Expectation, HostVerdict } from './report-facts.ts'

const CREDENTIALED = /^Credentialed checks\s*:\s*(yes|no)\b/im
const AS_ROOT = /^\s*User(?:\s*name)?\s*:\s*'?root'?\s*$/im
const AS_ROOT_19506 = /^Credentialed checks\s*:\s*yes,?\s+as\s+'?root'?\s+via/im
const OVER_SMB = /^Credentialed checks\s*:\s*yes,?\s.*\bvia\s+SMB\b|^\s*Protocol\s*:\s*SMB\b/im
const ESCALATED = /^\s*Escalation(?: method)?\s*:\s*(?!none\b|\(none\)|nothing\b)\S/im
const SSH_LOGIN = /able to (?:login|log in)|login (?:succeeded|successful)|logged in|local checks have been enabled/i
const SSH_NO_LOGIN = /unable to (?:login|log in)|failed to (?:login|log in)|login failed/i
const ESCALATION_FAILED =
  /(?:elevate|escalat)[^.]{0,200}(?:fail|unable|not succe)|(?:fail|unable)[^.]{0,200}(?:elevate|escalat)/i
const SAYS_CHARS_MAX = 200
const EVIDENCE_MAX = 12

type Judgement = readonly [Authentication, string]

export interface Signs {
  readonly localYes: boolean
  readonly localNo: boolean
  readonly login: boolean
  readonly failed: boolean
  readonly privileged: boolean
  readonly has: (pluginId: number) => boolean
  readonly escalationFailed: boolean
}

/** What the evidence amounts to, before it is held against what was asked. */
export function signsOf(host: HostEvidence): Signs {
  const { evidence } = host
  const has = (pluginId: number): boolean => evidence.some((item) => item.pluginId === pluginId)
  const said = (pluginId: number, pattern: RegExp): boolean =>
    evidence.some((item) => item.pluginId === pluginId && pattern.test(item.said))
  // The scanner may write 19506 twice for a host: each is heard.
  const scanInfo = evidence.flatMap((item) =>
    item.pluginId === 19506 ? (CREDENTIALED.exec(item.said)?.[1]?.toLowerCase() ?? []) : [],
  )
  const localYes = host.credentialedTag === true || scanInfo.includes('yes') || has(117887)
  const localNo = host.credentialedTag === false || scanInfo.includes('no')
  const ssh = [97993, 12634].some((id) =>
    evidence.some((item) => item.pluginId === id && SSH_LOGIN.test(item.said) && !SSH_NO_LOGIN.test(item.said)),
  )
  const login = has(141118) || ssh || (localYes && !localNo)
  const escalationFailed = said(97993, ESCALATION_FAILED) || said(12634, ESCALATION_FAILED)
  const complaint = has(110385) || has(102094) || has(24786) || escalationFailed
  const administrator = localYes && (said(19506, OVER_SMB) || said(117887, OVER_SMB))
  const power = said(141118, AS_ROOT) || said(141118, ESCALATED) || said(19506, AS_ROOT_19506) || administrator
  return {
    localYes,
    localNo,
    login,
    failed: has(104410) && !has(141118),
    privileged: power && !complaint,
    has,
    escalationFailed,
  }
}

export function hostVerdict(host: HostEvidence, expectation: Expectation): HostVerdict {
  const [status, reason] = judge(signsOf(host), expectation)
  return {
    host: host.host,
    status,
    reason,
    evidence: host.evidence.slice(0, EVIDENCE_MAX).map((item) => ({
      plugin_id: item.pluginId,
      plugin: EVIDENCE_PLUGINS.get(item.pluginId) ?? '',
      port: item.port,
      says: telling(item),
    })),
  }
}

function judge(signs: Signs, expectation: Expectation): Judgement {
  const asked = expectation.credentialsAsked
  if (asked === 'none') return ['not_applicable', 'No credentials were asked for.']
  if (signs.failed && !signs.localYes) {
    return signs.login
      ? ['partial', 'Some logins were refused and others worked, but local checks were not enabled.']
      : ['failed', 'Every credential that was supplied was refused (104410).']
  }
  if (signs.localYes && signs.localNo) {
    return signs.has(141118)
      ? ['partial', 'A login worked, but the report contradicts itself on whether local checks ran.']
      : ['unknown', 'The report contradicts itself on whether local checks ran.']
  }
  if (signs.login) return judgeLogin(signs, asked === 'privileged')
  if (signs.has(21745)) return ['failed', 'Local checks could not run (21745).']
  return judgeSilence(signs, expectation)
}

function judgeLogin(signs: Signs, privilegeAsked: boolean): Judgement {
  if (!signs.localYes) {
    return signs.has(110695)
      ? ['partial', 'The login worked, but local checks are not supported on this system (110695).']
      : ['partial', 'The login worked, but local checks were not enabled.']
  }
  if (signs.has(117885)) return ['partial', 'The login worked only some of the time (117885).']
  const impaired = [24786, 10428, 26917].filter((id) => signs.has(id))
  if (impaired.length > 0) {
    return ['partial', `The login worked without the rights that local checks need (${impaired.join(', ')}).`]
  }
  if (privilegeAsked && !signs.privileged) {
    return signs.escalationFailed || signs.has(110385) || signs.has(102094)
      ? ['partial', 'The login worked, but raising privileges did not.']
      : ['partial', 'The login worked, but nothing shows that privileges were raised.']
  }
  if (signs.failed) return ['success', 'Local checks ran; one of the supplied credentials was refused (104410).']
  return [
    'success',
    privilegeAsked ? 'Local checks ran with raised privileges.' : 'The login worked and local checks ran.',
  ]
}

function judgeSilence(signs: Signs, expectation: Expectation): Judgement {
  const asked = expectation.credentialsAsked
  const finished = (expectation.scanStatus ?? 'completed') === 'completed'
  if (!signs.localNo && !signs.has(110723)) {
    return ['unknown', 'The report says nothing of a login on this host.']
  }
  if (!finished) return ['unknown', 'The scan did not finish, so the login may not have been tried.']
  if (asked === undefined) return ['not_applicable', 'The report shows no credentials for this host.']
  return signs.has(110723)
    ? ['failed', 'No credential was supplied for the services that this host offers (110723).']
    : ['failed', 'Credentials were asked for, but local checks did not run.']
}

/** The line that decides, or the first one. */
function telling(item: Evidence): string {
  const line =
    /^(?:Credentialed checks|\s*Message|\s*Escalation|\s*User)\s*:[ \t]*\S.*$/im.exec(item.said)?.[0] ??
    item.said.split('\n').find((text) => text.trim() !== '') ??
    ''
  return line.trim().slice(0, SAYS_CHARS_MAX)
}
