/**
 * What a report could not see that bears on one question: hosts that were not
 * reached, not finished or not logged in to, ports outside the range, marks that
 * the report does not carry. Where that leaves no answer, it says so.
 */
import { covers } from '../judge/port-coverage.ts'
import { canonicalAddress, isInRange, parseIpRange } from '../../base/ip-range.ts'
import { predicateOf } from '../query/predicate.ts'
import type { OpenReport } from '../query/results.ts'
import type { HostRecord } from '../store/format.ts'
import type { Condition } from './condition.ts'
import { lackingReason } from './lacking.ts'

const NAMED_MAX = 10

export interface Unseen {
  /** Why nothing, or not all, can be said. Empty when the answer stands. */
  readonly cannotSay: readonly string[]
  readonly hosts_without_login: readonly string[]
  readonly hosts_unfinished: readonly string[]
  readonly hosts_unreachable: readonly string[]
}

interface Asked {
  readonly condition: Condition
  /** Fields that are grouped by or measured. */
  readonly fields: readonly string[]
  readonly items: 'findings' | 'all' | 'checks'
  /** How many rows matched. */
  readonly matched: number
}

export function unseenIn(report: OpenReport, { condition, fields, items, matched }: Asked): Unseen {
  const { store, facts } = report
  const leaves = wantedLeaves(condition)
  const hostLeaves = leaves.filter(({ field }) => field.type === 'host')
  const inScope = store.hosts.filter((host) =>
    hostLeaves.every(({ field, value }) => {
      const predicate = predicateOf(field, value)
      return [host.name, ...host.names].some((name) => predicate.matches(name))
    }),
  )
  const cannotSay: string[] = []
  for (const name of new Set([...allFields(condition), ...fields])) {
    const reason = lackingReason(report, name)
    if (reason !== undefined) cannotSay.push(reason)
  }
  if (items === 'checks' && facts.compliance.total === 0) cannotSay.push('no compliance audit was run')
  if (hostLeaves.length > 0 && inScope.length === 0) {
    for (const { value } of hostLeaves) cannotSay.push(...absentHosts(value, report))
  }
  const reached = inScope.filter((host) => host.reach !== 'unreachable')
  if (inScope.length > 0 && reached.length === 0) {
    cannotSay.push(`${namesOf(inScope)} did not answer (dead): nothing there was scanned`)
  }
  const port = matched === 0 ? unscannedPort(leaves, reached) : undefined
  if (port !== undefined) cannotSay.push(port)
  const without = reached.filter((host) => !LOCAL.has(host.access))
  const asksWhat = leaves.some(({ field }) => WHAT.has(field.name))
  if (matched === 0 && asksWhat && without.length > 0 && without.length === reached.length) {
    cannotSay.push(`nobody was logged in on ${namesOf(without)}: what only shows from inside was not looked at`)
  }
  return {
    cannotSay: [...new Set(cannotSay)],
    hosts_without_login: without.map(({ name }) => name),
    hosts_unfinished: inScope.filter((host) => host.reach === 'unfinished').map(({ name }) => name),
    hosts_unreachable: inScope.filter((host) => host.reach === 'unreachable').map(({ name }) => name),
  }
}

/** How far a login has to reach for local checks to run. */
const LOCAL: ReadonlySet<string> = new Set(['limited', 'local', 'privileged'])
/** Fields that say which problem is meant. */
const WHAT: ReadonlySet<string> = new Set([
  'cve',
  'plugin_id',
  'plugin_name',
  'plugin_family',
  'synopsis',
  'cpe',
  'xref',
  'solution',
])

type Leaf = Extract<Condition, { kind: 'field' }>

/** The conditions that every match must meet, as they are written. */
function wantedLeaves(condition: Condition): Leaf[] {
  switch (condition.kind) {
    case 'field':
      return [condition]
    case 'and':
      return condition.of.flatMap(wantedLeaves)
    case 'or':
      return condition.of.length === 1 ? wantedLeaves(condition.of[0]!) : []
    case 'not':
      return []
  }
}

function allFields(condition: Condition): string[] {
  switch (condition.kind) {
    case 'field':
      return condition.value === null ? [] : [condition.field.name]
    case 'not':
      return allFields(condition.of)
    case 'and':
    case 'or':
      return condition.of.flatMap(allFields)
  }
}

function absentHosts(value: unknown, { facts }: OpenReport): string[] {
  const wanted = (Array.isArray(value) ? value : [value]).filter((each) => typeof each === 'string')
  return wanted.map((name) => {
    const address = canonicalAddress(name)
    const wasTarget = facts.policy.targets.some((target) => {
      const block = parseIpRange(target)
      return target.toLowerCase() === name.toLowerCase() || (block !== undefined && isInRange(block, address))
    })
    return wasTarget ? `${name} was a target but is not in the report: it was not seen` : `${name} is not in the scan`
  })
}

function unscannedPort(leaves: readonly Leaf[], hosts: readonly HostRecord[]): string | undefined {
  const port = leaves.find(({ field }) => field.name === 'port')?.value
  const protocol = leaves.find(({ field }) => field.name === 'protocol')?.value
  const number = typeof port === 'number' || typeof port === 'string' ? Number(port) : Number.NaN
  if (!Number.isInteger(number) || hosts.length === 0) return undefined
  const over = typeof protocol === 'string' ? protocol : 'tcp'
  if (!hosts.every((host) => covers(host.portRange, number, over) === false)) return undefined
  const ranges = [...new Set(hosts.map((host) => host.portRange))].join('; ')
  return `port ${number}/${over} was not scanned: only ${ranges} was`
}

function namesOf(hosts: readonly HostRecord[]): string {
  const names = hosts.slice(0, NAMED_MAX).map(({ name }) => name)
  return hosts.length > NAMED_MAX ? `${names.join(', ')} and ${hosts.length - NAMED_MAX} more` : names.join(', ')
}
