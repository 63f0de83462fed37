/** Answers one question over one report or several: a small table, its base, and what could not be seen. */
import { Refusal } from '../../base/errors.ts'
import { identifyHosts, makeHostLedger } from '../hosts/host-ledger.ts'
import { momentOf } from '../judge/report-dates.ts'
import { KNOWN_FIELDS, UNTRUSTED_FIELDS } from '../fields.ts'
import { makeFieldCatalogue } from '../query/field-catalogue.ts'
import { isCompliance } from '../query/finding-view.ts'
import { predicateOf } from '../query/predicate.ts'
import type { OpenReport } from '../query/results.ts'
import { type Scalar, SEVERITY_NAMES } from '../values.ts'
import { fieldsOf, matchingRows, readCondition } from './condition.ts'
import type { Measure, Question } from './question.ts'
import { emptyGroup, join, NONE, tally, type TallyGroup } from './tally.ts'
import { unseenIn } from './unseen.ts'

const TEXT_CHARS_MAX = 300
const NAMES_SHOWN = 10

export interface Look {
  readonly task_id: string
  readonly scan: string
  /** The scan's own date, as its report says. */
  readonly at: string | null
}

export interface UnseenHosts {
  readonly count: number
  readonly names: readonly string[]
  readonly and_more?: number
}

export interface QuestionAnswer {
  readonly of: string
  /** Matching items, hosts and plugins: the whole, before any cut. */
  readonly n: number
  readonly findings: number
  readonly hosts: number
  readonly groups: number
  readonly columns: readonly string[]
  readonly rows: readonly (readonly (Scalar | null)[])[]
  /** Groups that are not shown. */
  readonly cut: number
  readonly cannot_say?: readonly string[]
  readonly unseen: Readonly<Record<string, UnseenHosts>>
  readonly looks: readonly Look[]
  readonly untrusted_text?: readonly string[]
}

export interface AskedReport {
  readonly look: Look
  /** Opens the report; called once for its hosts and once for its rows, so that one at a time is held. */
  readonly use: <T>(ask: (report: OpenReport) => T | Promise<T>) => Promise<T>
}

/** `latest`: each host counts by its newest finished look alone. Reports come in any order. */
export async function answerQuestion(
  asked: readonly AskedReport[],
  question: Question,
  { latest = false }: { latest?: boolean } = {},
): Promise<QuestionAnswer> {
  const ordered = asked.toSorted((a, b) => (momentOf(a.look.at) ?? 0) - (momentOf(b.look.at) ?? 0))
  const identities = await identitiesOf(ordered, latest)
  const total = emptyGroup(question.measures.length)
  const groups = new Map<string, TallyGroup>()
  const unseen = {
    hosts_without_login: [] as string[],
    hosts_unfinished: [] as string[],
    hosts_unreachable: [] as string[],
  }
  const cannotSay: string[] = []
  for (const [at, { look, use }] of ordered.entries()) {
    const found = await use((report) => tallyOne(report, question, look, identities[at]!))
    join(total, found.total, [])
    for (const group of found.groups) {
      const key = JSON.stringify(group.labels)
      const known = groups.get(key)
      if (known) join(known, group, question.measures)
      else groups.set(key, group)
    }
    for (const key of ['hosts_without_login', 'hosts_unfinished', 'hosts_unreachable'] as const) {
      unseen[key].push(...found.unseen[key])
    }
    cannotSay.push(...found.unseen.cannotSay.map((why) => (ordered.length > 1 ? `${look.scan}: ${why}` : why)))
  }
  return shape(question, total, [...groups.values()], { unseen, cannotSay, looks: ordered.map(({ look }) => look) })
}

/** Per report and host: by what the host is told apart in the whole answer, what it is called there, and whether it counts. */
interface Identity {
  readonly key: (host: number) => number | string
  readonly name: ((host: number) => string) | undefined
  readonly counts: (host: number) => boolean
}

async function identitiesOf(asked: readonly AskedReport[], latest: boolean): Promise<Identity[]> {
  if (asked.length === 1 && !latest) {
    return [{ key: (host) => host, name: undefined, counts: () => true }]
  }
  const reports = await Promise.all(
    asked.map(({ use }) =>
      use(({ store }) => store.hosts.map(({ name, marks, reach, same }) => ({ name, marks, reach, same }))),
    ),
  )
  const sightings = identifyHosts(reports)
  const ledger = makeHostLedger()
  for (const hosts of reports) ledger.add(hosts)
  const newest = new Map<number, number>()
  for (const [at, hosts] of reports.entries()) {
    for (const [host, { identity }] of sightings[at]!.entries()) {
      if (hosts[host]!.reach === 'finished' || !newest.has(identity)) newest.set(identity, at)
    }
  }
  return sightings.map((each, at) => ({
    key: (host) => each[host]?.identity ?? host,
    name: (host) => ledger.identities[each[host]?.identity ?? 0]?.names[0] ?? '',
    counts: (host) => !latest || newest.get(each[host]?.identity ?? -1) === at,
  }))
}

async function tallyOne(report: OpenReport, question: Question, look: Look, identity: Identity) {
  const { store } = report
  const catalogue = makeFieldCatalogue(store.fields)
  const condition = readCondition(question.where, catalogue)
  const mask = await matchingRows(report, condition)
  const asksSeverity = fieldsOf(condition).some(({ type }) => type === 'severity')
  let matched = 0
  for (let row = 0; row < mask.length; row++) {
    const host = store.columns.host[row] ?? 0
    const isCheck = isCompliance(store, row)
    const counts =
      question.items === 'all' ||
      (question.items === 'checks' ? isCheck : !isCheck && (asksSeverity || (store.columns.severity[row] ?? 0) > 0))
    if (!counts || !identity.counts(store.hosts[host]?.same ?? host)) mask[row] = 0
    matched += mask[row] ?? 0
  }
  const fields = [...question.groupBy, ...question.measures.flatMap(({ field }) => field ?? [])]
  const options = {
    measures: question.measures,
    catalogue,
    hostKey: identity.key,
    hostName: identity.name,
    scan: look.at?.slice(0, 10) ?? look.scan,
  }
  const [total = emptyGroup(0)] = await tally(report, mask, { ...options, groupBy: [], measures: [] })
  return {
    total,
    groups: await tally(report, mask, { ...options, groupBy: question.groupBy }),
    unseen: unseenIn(report, { condition, fields, items: question.items, matched }),
  }
}

interface Around {
  readonly unseen: Readonly<Record<string, readonly string[]>>
  readonly cannotSay: readonly string[]
  readonly looks: readonly Look[]
}

function shape(question: Question, total: TallyGroup, groups: readonly TallyGroup[], around: Around): QuestionAnswer {
  const { measures, groupBy } = question
  const columns = [...groupBy, ...measures.map(({ name }) => name)]
  const rows = groups.map((group) => [...group.labels, ...measures.map((measure, at) => valueOf(measure, group, at))])
  const having = question.having.map(({ column, condition }) => havingTest(columns.indexOf(column), column, condition))
  // What has no CVE is no CVE: it is a group only where something else is counted.
  const named = isOwn(question) ? rows.filter(([label]) => label !== NONE) : rows
  const kept = named.filter((row) => having.every((test) => test(row)))
  const sorted = kept.toSorted(orderOf(question, columns))
  const shown = sorted.slice(0, question.top).map((row) => row.map(shorten))
  const unseen = Object.fromEntries(
    Object.entries(around.unseen).flatMap(([what, names]) => {
      const distinct = [...new Set(names)]
      const more = distinct.length > NAMES_SHOWN ? { and_more: distinct.length - NAMES_SHOWN } : {}
      return distinct.length === 0
        ? []
        : [[what, { count: distinct.length, names: distinct.slice(0, NAMES_SHOWN), ...more }]]
    }),
  )
  const untrusted = groupBy.filter((name) => UNTRUSTED_FIELDS.has(name))
  const n = groupBy.length > 0 && question.of !== 'findings' && isOwn(question) ? kept.length : countOf(question, total)
  return {
    ...(around.cannotSay.length > 0 ? { cannot_say: [...new Set(around.cannotSay)] } : {}),
    of: question.of,
    n,
    findings: total.findings,
    hosts: total.hosts.size,
    groups: kept.length,
    columns,
    rows: shown,
    cut: kept.length - shown.length,
    unseen,
    looks: around.looks,
    ...(untrusted.length > 0 ? { untrusted_text: untrusted } : {}),
  }
}

/** Whether the question is grouped by what it asks of, so that its groups are what is counted. */
function isOwn({ of, groupBy }: Question): boolean {
  const own: Readonly<Record<string, string>> = {
    plugins: 'plugin_id',
    cves: 'cve',
    fixes: 'solution',
    ports: 'port',
    services: 'svc_name',
    checks: 'compliance_check_name',
  }
  return groupBy[0] === own[of]
}

function countOf({ of }: Question, total: TallyGroup): number {
  return of === 'hosts' ? total.hosts.size : of === 'plugins' ? total.plugins.size : total.findings
}

function valueOf({ kind }: Measure, group: TallyGroup, at: number): Scalar | null {
  switch (kind) {
    case 'findings':
    case 'items':
      return group.findings
    case 'hosts':
      return group.hosts.size
    case 'plugins':
      return group.plugins.size
    case 'cves':
      return group.cves.size
    case 'worst':
      return SEVERITY_NAMES[group.worst] ?? 'Info'
    case 'max':
    case 'min':
    case 'sum':
      return group.over[at] ?? null
  }
}

type Row = readonly (Scalar | null)[]

function havingTest(at: number, column: string, condition: string | number): (row: Row) => boolean {
  const known = KNOWN_FIELDS.get(column)
  const predicate = predicateOf({ name: column, type: known?.type ?? 'number', list: false }, condition)
  return (row) => {
    const value = row[at]
    return value !== null && value !== undefined && predicate.matches(value)
  }
}

/** By what was asked for, else by the first measure, the most first; then by the groups' names, so that equal rows keep their order. */
function orderOf({ order, measures, groupBy }: Question, columns: readonly string[]): (a: Row, b: Row) => number {
  const first = measures[0]?.name
  const column = order?.column ?? first
  if (column === undefined) throw new Refusal('invalid_argument', 'order: there is nothing to order by')
  const at = columns.indexOf(column)
  const sign = (order?.descending ?? true) ? -1 : 1
  const isWorst =
    measures.some(({ name, kind }) => name === column && kind === 'worst') || column.startsWith('severity')
  const rank = (value: Scalar | null | undefined): Scalar | null =>
    isWorst ? SEVERITY_NAMES.indexOf(value as (typeof SEVERITY_NAMES)[number]) : (value ?? null)
  return (a, b) =>
    sign * compare(rank(a[at]), rank(b[at])) ||
    groupBy.map((_, label) => compare(a[label] ?? null, b[label] ?? null)).find((difference) => difference !== 0) ||
    0
}

/** What is missing comes last in ascending order. */
function compare(a: Scalar | null, b: Scalar | null): number {
  if (a === null || b === null) return a === b ? 0 : a === null ? 1 : -1
  if (typeof a === 'number' && typeof b === 'number') return a - b
  return String(a) < String(b) ? -1 : String(a) > String(b) ? 1 : 0
}

function shorten(value: Scalar | null): Scalar | null {
  return typeof value === 'string' && value.length > TEXT_CHARS_MAX ? `${value.slice(0, TEXT_CHARS_MAX)}…` : value
}
