/**
 * What a report tells of each credential by itself: by which protocol, at which port and as whom a login worked or did not.
 * A scanner tries the credentials of a scan in turn, so one that was refused says nothing of the others. Only what a plugin
 * says of an account is told; a credential that no plugin names is not known to have been tried.
 */
import {
  CREDENTIAL_RESULTS,
  type CredentialResult,
  type CredentialTally,
  type CredentialVerdict,
} from './credential-result.ts'
import type { HostEvidence } from './evidence.ts'
import { NO_CONNECTION } from './login-plugins.ts'

const WORD_CHARS_MAX = 120
const VERDICTS_MAX = 40

/** Plugins that tell of an account, and what they say of it. */
const SAYS: ReadonlyMap<number, CredentialResult> = new Map([
  [104410, 'refused'],
  [117885, 'at_times'],
  [110385, 'lacked_rights'],
  [141118, 'worked'],
  [110095, 'worked'],
  [110695, 'worked'],
])
/** Where each account of a plugin's words begins. */
const USER = 'User(?:[ \\t]?name)?'
const ACCOUNT = new RegExp(`^[ \\t-]*${USER}[ \\t]*:[ \\t]*\\S`, 'i')
const PORT_MAX = 65_535

/** What `host` tells of each credential, the worst first; bounded. */
export function credentialVerdicts(host: HostEvidence): CredentialVerdict[] {
  const found = new Map<string, CredentialVerdict>()
  for (const { pluginId, port, said } of host.evidence) {
    const says = SAYS.get(pluginId)
    for (const verdict of says === undefined ? [] : verdictsIn(said, { pluginId, port, says })) {
      const key = JSON.stringify([verdict.protocol, verdict.port, verdict.account, didNot(verdict.result)])
      const known = found.get(key)
      found.set(key, known ? together(known, verdict) : verdict)
    }
  }
  // One without a port or protocol speaks of those of the same account that have them.
  const all = [...found.values()]
  const whole = all.map((one) => all.filter((bare) => bare !== one && isOf(bare, one)).reduce(together, one))
  const told = whole.filter((_, at) => !all.some((other) => other !== all[at] && isOf(all[at]!, other)))
  return told.toSorted((a, b) => rank(a.result) - rank(b.result)).slice(0, VERDICTS_MAX)
}

/** How many hosts say the same of a credential, the worst first. `same` is for each the first one that is the same host. */
export function tallyCredentials(hosts: readonly HostEvidence[], same: readonly number[]): CredentialTally[] {
  const tallies = new Map<string, { one: Omit<CredentialTally, 'hosts'>; hosts: Set<number> }>()
  for (const [index, host] of hosts.entries()) {
    for (const { protocol, account, result } of credentialVerdicts(host)) {
      const key = JSON.stringify([protocol, account, result])
      const known = tallies.get(key) ?? { one: { protocol, account, result }, hosts: new Set() }
      known.hosts.add(same[index] ?? index)
      tallies.set(key, known)
    }
  }
  const all = [...tallies.values()].map(({ one, hosts: at }) => ({ ...one, hosts: at.size }))
  return all.toSorted((a, b) => rank(a.result) - rank(b.result) || b.hosts - a.hosts)
}

const rank = (result: CredentialResult): number => CREDENTIAL_RESULTS.indexOf(result)
const didNot = (result: CredentialResult): boolean => result === 'refused' || result === 'no_connection'

function verdictsIn(
  said: string,
  { pluginId, port, says }: { readonly pluginId: number; readonly port: number; readonly says: CredentialResult },
): CredentialVerdict[] {
  const verdict = ({ before, words }: Part, account: string | null): CredentialVerdict => {
    // Refusals stand under the protocol that they are of; logins name it behind their account.
    const told = (name: string) => lastWord(before, name) ?? wordOf(words, name)
    const at = Number(told('Port') ?? port)
    const protocol = told('Proto(?:col)?') ?? (/\blocal(?:ly|host)\b/i.test(said) ? 'LOCAL' : '')
    return {
      protocol: protocol.toUpperCase(),
      port: Number.isInteger(at) && at > 0 && at <= PORT_MAX ? at : null,
      account,
      result: says === 'refused' && NO_CONNECTION.test(words) ? 'no_connection' : says,
      method: wordOf(words, 'Method') ?? null,
      escalation: escalationOf(words),
      plugin_id: pluginId,
    }
  }
  const named = partsOf(said).flatMap((part) => {
    const account = wordOf(part.words, USER)
    return account === undefined ? [] : [verdict(part, account)]
  })
  return named.length > 0 ? named : [verdict({ before: '', words: said }, null)]
}

interface Part {
  /** All that stands in front, where a protocol does; else nothing. */
  readonly before: string
  readonly words: string
}

/** What is said of each account, one after another. */
function partsOf(said: string): Part[] {
  const lines = said.split('\n')
  const starts = lines.flatMap((line, at) => (ACCOUNT.test(line) ? [at] : []))
  const headed = lastWord(lines.slice(0, starts[0] ?? 0).join('\n'), 'Proto(?:col)?') !== undefined
  return starts.map((from, at) => ({
    before: headed ? lines.slice(0, from).join('\n') : '',
    words: lines.slice(from, starts[at + 1]).join('\n'),
  }))
}

const wordsOf = (text: string, name: string): string[] =>
  [...text.matchAll(new RegExp(`^[ \\t-]*${name}[ \\t]*:[ \\t]*(\\S.*)$`, 'gim'))].map(([, word = '']) =>
    word
      .trim()
      .replace(/^'(.*)'$/, '$1')
      .slice(0, WORD_CHARS_MAX),
  )
const wordOf = (text: string, name: string): string | undefined => wordsOf(text, name)[0]
const lastWord = (text: string, name: string): string | undefined => wordsOf(text, name).at(-1)

function escalationOf(part: string): string | null {
  const word = wordOf(part, 'Escalation(?:[ \\t]*method)?')
  return word === undefined || /^(?:\(?none\)?|nothing)$/i.test(word) ? null : word
}

/** Two plugins of the same login: the graver word counts, and what either tells of it. */
function together(one: CredentialVerdict, other: CredentialVerdict): CredentialVerdict {
  const [worse, rest] = rank(one.result) <= rank(other.result) ? [one, other] : [other, one]
  return {
    ...worse,
    protocol: worse.protocol || rest.protocol,
    port: worse.port ?? rest.port,
    account: worse.account ?? rest.account,
    method: worse.method ?? rest.method,
    escalation: worse.escalation ?? rest.escalation,
  }
}

/** Whether `bare` says less than `other`, and nothing else. */
function isOf(bare: CredentialVerdict, other: CredentialVerdict): boolean {
  const less = [
    [bare.protocol === '', bare.protocol === other.protocol, other.protocol === ''],
    [bare.port === null, bare.port === other.port, other.port === null],
    [bare.account === null, bare.account === other.account, other.account === null],
  ] as const
  const fits = less.every(([isBare, isSame]) => isBare || isSame)
  return (
    fits && didNot(bare.result) === didNot(other.result) && less.some(([isBare, , otherToo]) => isBare && !otherToo)
  )
}
