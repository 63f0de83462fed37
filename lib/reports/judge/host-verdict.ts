/**
 * Decides for one host whether the login worked, from what its own plugins and
 * properties said (login-plugins.ts). The first rule that applies decides; its
 * sentence is the reason. Silence is unknown, never "not authenticated".
 */
import type { Access } from '../store/format.ts'
import type { Evidence, HostEvidence } from './evidence.ts'
import { LOGIN_PLUGINS, type Sign, signsIn } from './login-plugins.ts'
import type { Reach } from './reach.ts'
import type { Authentication, Expectation, HostVerdict } from './report-facts.ts'

const SAYS_CHARS_MAX = 200
const EVIDENCE_MAX = 12

export interface Signs {
  readonly has: (sign: Sign) => boolean
  readonly plugin: (pluginId: number) => boolean
  /** The plugins that gave `sign`, for a reason: ` (104410, 21745)`, or nothing. */
  readonly by: (sign: Sign) => string
}

/** What the evidence amounts to, before it is held against what was asked. */
export function signsOf(host: HostEvidence): Signs {
  const given = new Map<Sign, Set<number>>()
  const give = (sign: Sign, plugin: number): void => {
    const known = given.get(sign)
    if (known) known.add(plugin)
    else given.set(sign, new Set([plugin]))
  }
  for (const { pluginId, said } of host.evidence) for (const sign of signsIn(pluginId, said)) give(sign, pluginId)
  const { localChecks, protocol, user } = host.tags ?? {}
  if (localChecks !== undefined) give(localChecks ? 'local' : 'noLocal', 0)
  if (protocol !== undefined || user !== undefined) give('login', 0)
  // A protocol of local checks is told where they ran; it does not outweigh a plain no.
  if (protocol !== undefined && !given.has('noLocal')) give('local', 0)
  if (user?.toLowerCase() === 'root') give('power', 0)
  if (given.has('local') && !given.has('noLocal')) give('login', 0)
  // One that was accepted after another was refused.
  if (given.get('refused')?.has(104410) && host.evidence.some((item) => item.pluginId === 141118)) {
    given.get('refused')?.delete(104410)
    if (given.get('refused')?.size === 0) given.delete('refused')
  }
  return {
    has: (sign) => given.has(sign),
    plugin: (pluginId) => host.evidence.some((item) => item.pluginId === pluginId),
    by(sign) {
      const plugins = [...(given.get(sign) ?? [])].filter((plugin) => plugin > 0)
      return plugins.length === 0 ? '' : ` (${plugins.join(', ')})`
    },
  }
}

export interface Judged {
  readonly verdict: HostVerdict
  readonly access: Access
}

export function judgeHost(host: HostEvidence, expectation: Expectation, reach: Reach = 'unknown'): Judged {
  const signs = signsOf(host)
  const context = {
    signs,
    asked: expectation.credentialsAsked,
    ended: (expectation.scanStatus ?? 'completed') === 'completed' && reach !== 'unfinished',
    reach,
  }
  const rule = RULES.find((each) => each.applies(context)) as Rule
  return {
    access: accessOf(signs),
    verdict: {
      host: host.host,
      status: rule.status,
      reason: rule.reason(context),
      reach,
      evidence: evidenceOf(host),
    },
  }
}

export const hostVerdict = (host: HostEvidence, expectation: Expectation, reach: Reach = 'unknown'): HostVerdict =>
  judgeHost(host, expectation, reach).verdict

interface Context {
  readonly signs: Signs
  readonly asked: Expectation['credentialsAsked']
  readonly ended: boolean
  readonly reach: Reach
}

interface Rule {
  readonly applies: (context: Context) => boolean
  readonly status: Authentication
  readonly reason: (context: Context) => string
}

const rule = (applies: Rule['applies'], status: Authentication, reason: string | Rule['reason']): Rule => ({
  applies,
  status,
  reason: typeof reason === 'string' ? () => reason : reason,
})

/** Rights were missing, and nothing shows that they were raised in the end. */
const lacking = ({ has }: Signs): boolean =>
  has('lacking') && !(has('power') && has('gentle') && !has('escalationFailed'))
const proven = (signs: Signs): boolean => signs.has('power') && !signs.has('escalationFailed')
const WINDOWS_RIGHTS = [24786, 10428, 26917]

const RULES: readonly Rule[] = [
  rule(({ asked }) => asked === 'none', 'not_applicable', 'No credentials were asked for.'),
  rule(({ reach }) => reach === 'unreachable', 'unknown', 'The host was unreachable, so no login could be tried.'),
  rule(
    ({ signs }) => signs.has('refused') && !signs.has('local') && signs.has('login'),
    'partial',
    ({ signs }) =>
      `Some logins were refused${signs.by('refused')} and others worked, but local checks were not enabled.`,
  ),
  rule(
    ({ signs }) => signs.has('network') && !signs.has('local') && !signs.has('login'),
    'failed',
    ({ signs }) =>
      `No connection for the login could be made: the network or a closed port is the cause${signs.by('network')}.`,
  ),
  rule(
    ({ signs }) => signs.plugin(104410) && signs.has('refused') && !signs.has('local'),
    'failed',
    'Every credential that was supplied was refused (104410).',
  ),
  rule(
    ({ signs }) => signs.has('local') && signs.has('noLocal') && !signs.has('login'),
    'unknown',
    'The report contradicts itself on whether local checks ran.',
  ),
  rule(
    ({ signs }) => signs.has('local') && signs.has('noLocal'),
    'partial',
    ({ signs }) =>
      signs.plugin(117886)
        ? 'The login worked, but the patches of this system could not be assessed (117886).'
        : 'A login worked, but the report contradicts itself on whether local checks ran.',
  ),
  rule(
    ({ signs }) => signs.has('login') && !signs.has('local') && signs.has('unsupported'),
    'partial',
    'The login worked, but local checks are not supported on this system (110695).',
  ),
  rule(
    ({ signs }) => signs.has('login') && !signs.has('local'),
    'partial',
    ({ signs }) => `The login worked${signs.by('login')}, but local checks were not enabled${signs.by('noLocal')}.`,
  ),
  rule(({ signs }) => signs.has('unsteady'), 'partial', 'The login worked only some of the time (117885).'),
  rule(
    ({ signs }) => signs.has('login') && WINDOWS_RIGHTS.some(signs.plugin),
    'partial',
    ({ signs }) =>
      `The login worked without the rights that local checks need (${WINDOWS_RIGHTS.filter(signs.plugin).join(', ')}).`,
  ),
  rule(
    ({ signs }) => signs.has('login') && signs.has('escalationFailed'),
    'partial',
    ({ signs }) => `The login worked, but raising privileges did not${signs.by('escalationFailed')}.`,
  ),
  rule(
    ({ signs, asked }) => signs.has('login') && lacking(signs) && (asked === 'privileged' || !proven(signs)),
    'partial',
    ({ signs }) =>
      `The login worked, but some checks lacked privileges, and raising them did not help${signs.by('lacking')}.`,
  ),
  rule(
    ({ signs, asked }) => signs.has('login') && asked === 'privileged' && !signs.has('power'),
    'partial',
    'The login worked, but nothing shows that privileges were raised.',
  ),
  rule(
    ({ signs }) => signs.has('login') && signs.has('refused'),
    'success',
    ({ signs }) => `Local checks ran; one of the supplied credentials was refused${signs.by('refused')}.`,
  ),
  rule(
    ({ signs }) => signs.has('login'),
    'success',
    ({ signs, asked }) =>
      asked === 'privileged' || (signs.has('lacking') && proven(signs))
        ? 'Local checks ran with raised privileges.'
        : 'The login worked and local checks ran.',
  ),
  rule(
    ({ signs }) => signs.has('refused'),
    'failed',
    ({ signs }) => `The login did not work, so local checks could not run${signs.by('refused')}.`,
  ),
  rule(({ ended }) => !ended, 'unknown', 'The scan of this host did not finish, so the login may not have been tried.'),
  rule(
    ({ signs }) => !signs.has('noLocal') && !signs.has('noneGiven'),
    'unknown',
    'The report says nothing of a login on this host.',
  ),
  rule(
    ({ asked, signs }) => asked === undefined && signs.has('noneGiven'),
    'not_applicable',
    'No login was tried: no credential was supplied for what this host offers (110723).',
  ),
  rule(
    ({ asked }) => asked === undefined,
    'not_applicable',
    'No login was tried: the report shows no credentials for this host.',
  ),
  rule(
    ({ signs }) => signs.has('noneGiven'),
    'failed',
    'No credential was supplied for the services that this host offers (110723).',
  ),
  rule(() => true, 'failed', 'Credentials were asked for, but local checks did not run.'),
]

/** How far the login reached, whatever was asked. */
function accessOf(signs: Signs): Access {
  const { has } = signs
  if (has('local') && has('login')) {
    if (has('noLocal') || has('unsteady') || has('escalationFailed') || (lacking(signs) && !proven(signs)))
      return 'limited'
    if (WINDOWS_RIGHTS.some(signs.plugin)) return 'limited'
    return has('power') ? 'privileged' : 'local'
  }
  if (has('login')) return 'login'
  if (has('local')) return 'unknown'
  return has('noLocal') || has('refused') || has('network') || has('noneGiven') ? 'none' : 'unknown'
}

/** Which plugin said what, a line each. */
export function evidenceOf(host: HostEvidence): HostVerdict['evidence'] {
  return host.evidence.slice(0, EVIDENCE_MAX).map((item) => ({
    plugin_id: item.pluginId,
    plugin: LOGIN_PLUGINS.get(item.pluginId)?.name ?? '',
    port: item.port,
    says: telling(item),
  }))
}

/** Words of a message that name the cause; others only say that it failed. */
const CAUSE = /private key|passphrase|password|denied|locked|expired|timed out|connect|permission|privilege/i
const MESSAGE = /^[ \t]*Message[ \t]*:[ \t]*(?:\n[ \t]*)?(\S.*)$/gim

/** The message that names the cause, the line that decides, or the first one. */
function telling(item: Evidence): string {
  const cause = [...item.said.matchAll(MESSAGE)].map(([, message = '']) => message).find((text) => CAUSE.test(text))
  const line =
    cause ??
    /^(?:Credentialed checks|[ \t]*Message|[ \t]*Escalation|[ \t]*User)\s*:[ \t]*\S.*$/im.exec(item.said)?.[0] ??
    item.said.split('\n').find((text) => text.trim() !== '') ??
    ''
  return line.trim().slice(0, SAYS_CHARS_MAX)
}
