/**
 * What a report could not see that bears on one question: hosts that were not
 * reached, not finished or not logged in to, ports outside the range, marks that
 * the report does not carry, hosts of which no plugin tells. Where that leaves no
 * answer, it says so.
 */
import { MARK_FIELDS } from '../judge/lacking-marks.ts'
import { covers } from '../judge/port-coverage.ts'
import { BASE_FIELDS, JUDGED_FIELDS } from '../fields.ts'
import { canonicalAddress, isInRange } from '../../base/ip-range.ts'
import { rangeOfTarget } from '../../base/scan-target.ts'
import { predicateOf } from '../query/predicate.ts'
import type { OpenReport } from '../query/results.ts'
import type { HostRecord } from '../store/format.ts'
import type { Store } from '../store/store-reader.ts'
import type { Condition } from './condition.ts'
import { lackingReasons } from '../judge/lacking-reason.ts'
import { someNames } from './some-names.ts'
import type { Question } from './question.ts'
import { type TallyGroup, NONE } from './tally.ts'
import { untoldIn } from './untold.ts'

/** What is told beside an answer, by host. */
export const UNSEEN = [
  'hosts_without_login',
  'hosts_unfinished',
  'hosts_unreachable',
  'hosts_not_told',
  'hosts_with_unread_text',
  'scans_that_cannot_say',
  'fields_not_in_report',
] as const
type Lists = Record<(typeof UNSEEN)[number], string[]>

export type Unseen = Readonly<Lists> & {
  /** Why nothing, or not all, can be said. Empty when the answer stands. */
  readonly cannotSay: readonly string[]
  /** That a host which is asked for is not in this report: no reason where it is in another one. */
  readonly absent: readonly string[]
}

export const noneUnseen = (): Lists => Object.fromEntries(UNSEEN.map((name) => [name, []])) as unknown as Lists

interface Asked {
  readonly condition: Condition
  /** Fields that are grouped by or measured. */
  readonly fields: readonly string[]
  readonly question: Pick<Question, 'items' | 'table' | 'groupBy'>
  /** How many rows matched, in which table, and into which groups they fell. */
  readonly matched: number
  readonly rows: Store
  readonly groups: readonly TallyGroup[]
  /** Whether a host, by its first place in the report, is told of here: of the others a later report tells. */
  readonly tells: (host: number) => boolean
}

export function unseenIn(report: OpenReport, asked: Asked): Unseen {
  const { condition, fields, question, matched } = asked
  const { store, facts } = report
  const leaves = wantedLeaves(condition)
  const hostLeaves = leaves.filter(({ field }) => field.type === 'host')
  const inScope = hostsInScope(report, condition).flatMap((index) => {
    const host = store.hosts[index]!
    return asked.tells(host.same) ? [host] : []
  })
  const cannotSay: string[] = []
  const lists = noneUnseen()
  const nobody = hostLeaves.length > 0 && inScope.length === 0
  const absent = nobody ? hostLeaves.flatMap(({ value }) => absentHosts(value, report)) : []
  const reached = inScope.filter((host) => host.reach !== 'unreachable')
  const without = reached.filter((host) => !LOCAL.has(host.access))
  if (question.table === 'hosts') return { ...lists, absent, cannotSay: untoldFields(asked, inScope) }
  lists.hosts_unfinished = namesIn(inScope.filter((host) => host.reach === 'unfinished'))
  lists.hosts_unreachable = namesIn(inScope.filter((host) => host.reach === 'unreachable'))
  if (inScope.length > 0 && reached.length === 0) {
    cannotSay.push(`${namesOf(inScope)} did not answer (dead): nothing there was scanned`)
  }
  if (question.table !== 'findings' && question.table !== 'lives') {
    const told = untoldIn(report, question.table, { reached, without, matched })
    return { ...lists, ...told.lists, absent, cannotSay: [...cannotSay, ...told.cannotSay] }
  }
  lists.hosts_without_login = namesIn(without)
  if (question.table === 'lives') return { ...lists, absent, cannotSay }
  const named = new Set([...allFields(condition), ...fields])
  cannotSay.push(...lackingReasons(report, [...named]))
  lists.fields_not_in_report = [...named].filter(
    (name) => !ALWAYS.has(name) && !MARKS.has(name) && !store.fields.some((field) => field.name === name),
  )
  if (question.items === 'checks' && facts.compliance.total === 0) cannotSay.push('no compliance audit was run')
  const port = matched === 0 ? unscannedPort(leaves, reached) : undefined
  if (port !== undefined) cannotSay.push(port)
  const asksWhat = leaves.some(({ field }) => WHAT.has(field.name))
  if (matched === 0 && asksWhat && without.length > 0 && without.length === reached.length) {
    cannotSay.push(`nobody was logged in on ${namesOf(without)}: what only shows from inside was not looked at`)
  }
  return { ...lists, absent, cannotSay: [...new Set(cannotSay)] }
}

/** The hosts that a condition leaves in question, by the names and addresses that it asks for. */
export function hostsInScope({ store }: OpenReport, condition: Condition): number[] {
  const leaves = wantedLeaves(condition).filter(({ field }) => field.type === 'host')
  const predicates = leaves.map(({ field, value }) => predicateOf(field, value))
  return [...store.hosts.entries()].flatMap(([index, host]) =>
    predicates.every((predicate) => [host.name, ...host.names].some((name) => predicate.matches(name))) ? [index] : [],
  )
}

/** A field of hosts that the report tells of none of those that are asked about. */
function untoldFields({ question, groups }: Asked, hosts: readonly HostRecord[]): string[] {
  return question.groupBy
    .filter((_, at) => groups.length > 0 && groups.every(({ labels }) => labels[at] === NONE))
    .map((name) => `the report tells no ${name} of ${namesOf(hosts)}`)
}

/** Fields that do not come from a report's elements. */
const ALWAYS: ReadonlySet<string> = new Set([...BASE_FIELDS, ...JUDGED_FIELDS, 'kev', 'scan'])
/** Of these it is told above why nothing can be said. */
const MARKS: ReadonlySet<string> = new Set(Object.values(MARK_FIELDS).flat())

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
      const block = rangeOfTarget(target)
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

const namesIn = (hosts: readonly HostRecord[]): string[] => hosts.map(({ name }) => name)
const namesOf = (hosts: readonly HostRecord[]): string => someNames(namesIn(hosts))
