/**
 * What changed between two reports: new, fixed, persisting, severity changed,
 * and what cannot be told because it was not retested. A finding is the same
 * when host, port, protocol, plugin and check are; output has no part in it.
 * Counts are whole; lists are cut to a limit, and `cut` says by how much.
 */
import { SIMULATED, withSimulatedFirst as told } from '../judge/simulated.ts'
import { Refusal } from '../../base/errors.ts'
import { eachInTurn } from '../../base/pace.ts'
import { isCompliance } from '../query/finding-view.ts'
import { allRows } from '../query/match-rows.ts'
import type { OpenReport } from '../query/results.ts'
import { NOT_RETESTED, type NotRetested } from '../judge/looked-again.ts'
import { surelyBefore } from '../judge/report-dates.ts'
import type { ComparedLists, Comparison } from './answers.ts'
import { CHECK_NOT_RETESTED, pairChecks } from './compliance-changes.ts'
import { type Counterparts, findCounterparts } from './counterparts.ts'
import { makeBriefs } from './finding-brief.ts'
import { makeRetest } from './retest.ts'

const LIMIT_DEFAULT = 50
const LIMIT_MAX = 500

export interface CompareOptions {
  /** Findings below this are left out; 1 leaves out the informational ones. */
  readonly severityMin?: number
  /** Entries listed per kind; the counts are always whole. */
  readonly limit?: number
}

interface Lists extends ComparedLists {
  hosts_added: string
  hosts_gone: string
}
const KINDS = [
  'new',
  'fixed',
  'persisting',
  'severity_changed',
  'not_retested',
  'compliance_changed',
  'compliance_persisting',
  'compliance_not_retested',
  'hosts_added',
  'hosts_gone',
] as const satisfies readonly (keyof Lists)[]

export async function compareReports(
  before: OpenReport,
  after: OpenReport,
  options: CompareOptions = {},
): Promise<Comparison> {
  const limit = checkLimit(options.limit)
  const severityMin = options.severityMin ?? 1
  const hosts = findCounterparts(before.store, after.store)
  const kinds = makeKinds(limit)
  const findings = await compareFindings(before, after, hosts, severityMin, kinds)
  const complianceReasons = await compareChecks(before, after, hosts, kinds)
  for (const name of hosts.added) kinds.hosts_added.add(() => name)
  for (const name of hosts.gone) kinds.hosts_gone.add(() => name)
  const { hosts_added, hosts_gone, ...lists } = mapKinds(kinds, (kind) => kind.list)
  return {
    counts: {
      ...mapKinds(kinds, (kind) => kind.count),
      new_on_new_hosts: findings.onNewHosts,
      hosts_in_both: hosts.both,
    },
    total_informational: findings.informational,
    ...(lists as unknown as Omit<Comparison, 'counts' | 'total_informational'>),
    not_retested_reasons: findings.reasons,
    compliance_not_retested_reasons: complianceReasons,
    hosts: { added: hosts_added as string[], gone: hosts_gone as string[] },
    cut: Object.fromEntries(
      KINDS.flatMap((name) => (kinds[name].count > limit ? [[name, kinds[name].count - limit]] : [])),
    ),
    dates: { old: before.facts.started_at, new: after.facts.started_at },
    warnings: withSimulatedFirst(before, after),
  }
}

async function compareFindings(
  before: OpenReport,
  after: OpenReport,
  hosts: Counterparts,
  severityMin: number,
  kinds: Kinds,
): Promise<{ onNewHosts: number; informational: number; reasons: Record<string, number> }> {
  const old = await rowsByKey(before, hosts)
  const current = await rowsByKey(after, hosts)
  const [briefOld, briefNew] = [makeBriefs(before.store), makeBriefs(after.store)]
  const doubts = makeRetest(before, after, hosts)
  const reasons: Record<string, number> = {}
  let onNewHosts = 0
  let informational = 0
  const seenNow = ([key, row]: readonly [string, number]): void => {
    const earlier = old.get(key)
    const severity = after.store.columns.severity[row] ?? 0
    const severityBefore = earlier === undefined ? severity : (before.store.columns.severity[earlier] ?? 0)
    old.delete(key)
    if (Math.max(severity, severityBefore) < severityMin) return
    if (Math.max(severity, severityBefore) === 0) informational++
    if (earlier === undefined) {
      if (hosts.isOnNewHost(row)) onNewHosts++
      return kinds.new.add(() => briefNew(row))
    }
    kinds.persisting.add(() => briefNew(row))
    if (severity !== severityBefore) {
      kinds.severity_changed.add(() => ({ ...briefNew(row), severity_before: severityBefore }))
    }
  }
  const watch = after.pace.watch()
  await eachInTurn(current, seenNow, watch)
  // What is left of the old report has no counterpart in the new one.
  const notSeenNow = (row: number): void => {
    const severity = before.store.columns.severity[row] ?? 0
    if (severity < severityMin) return
    if (severity === 0) informational++
    const why = doubts(row)
    const [first] = why
    if (first === undefined) return kinds.fixed.add(() => briefOld(row))
    reasons[first] = (reasons[first] ?? 0) + 1
    kinds.not_retested.add(() => ({ ...briefOld(row), why: sentence(why) }))
  }
  await eachInTurn(old.values(), notSeenNow, watch)
  return { onNewHosts, informational, reasons }
}

const sentence = (reasons: readonly NotRetested[]): string => reasons.map((reason) => NOT_RETESTED[reason]).join('; ')

async function compareChecks(before: OpenReport, after: OpenReport, hosts: Counterparts, kinds: Kinds) {
  const { pairs, added, gone, older, newer } = await pairChecks(before, after, hosts)
  const [briefOld, briefNew] = [makeBriefs(before.store), makeBriefs(after.store)]
  const reasons: Record<string, number> = {}
  const changed = (row: number, result_before: string): void => {
    const { name, result } = newer(row)
    kinds.compliance_changed.add(() => ({ ...briefNew(row), check_name: name, result_before, result }))
  }
  for (const [oldRow, row] of pairs) {
    const { name, result } = newer(row)
    if (result !== older(oldRow).result) changed(row, older(oldRow).result)
    else kinds.compliance_persisting.add(() => ({ ...briefNew(row), check_name: name, result }))
  }
  for (const row of added) changed(row, 'NOT CHECKED')
  for (const [row, why] of gone) {
    const { name, result } = older(row)
    reasons[why] = (reasons[why] ?? 0) + 1
    kinds.compliance_not_retested.add(() => ({
      ...briefOld(row),
      check_name: name,
      result_before: result,
      why: CHECK_NOT_RETESTED[why],
    }))
  }
  return reasons
}

function withSimulatedFirst(before: OpenReport, after: OpenReport): string[] {
  const [old, current] = [before.facts.started_at, after.facts.started_at]
  const list: string[] = []
  if (surelyBefore(current, old)) {
    list.push(
      `The scan given as the newer one is older by the reports' own dates (${current} before ${old}): swap them. Nothing is called fixed.`,
    )
  }
  if (before.facts.file.sha256 === after.facts.file.sha256) list.push('Both scans are the same report, byte for byte.')
  if (old === null || current === null) {
    list.push('A report without dates: nothing shows that the newer one is the newer.')
  }
  const all = [after, before].map(({ facts }) => facts.validation_warnings)
  const simulated = all.some(([first]) => first === SIMULATED)
  return told(simulated, [
    ...list,
    ...after.facts.validation_warnings,
    ...before.facts.validation_warnings.map((warning) => `Of the older scan: ${warning}`),
  ])
}

async function rowsByKey({ store, pace }: OpenReport, hosts: Counterparts): Promise<Map<string, number>> {
  const rows = new Map<string, number>()
  const keyOf = hosts.keysOf(store)
  const add = (row: number): void => {
    if (isCompliance(store, row)) return
    const key = keyOf(row)
    if (!rows.has(key)) rows.set(key, row)
  }
  await eachInTurn(allRows(store.count), add, pace.watch())
  return rows
}

interface Kind<T> {
  readonly list: T[]
  count: number
  add(make: () => T): void
}
type Kinds = { readonly [K in keyof Lists]: Kind<Lists[K]> }

function makeKinds(limit: number): Kinds {
  return Object.fromEntries(KINDS.map((name) => [name, kind(limit)])) as unknown as Kinds
}

function mapKinds<T>(kinds: Kinds, of: (kind: Kind<unknown>) => T): Record<keyof Lists, T> {
  return Object.fromEntries(KINDS.map((name) => [name, of(kinds[name] as Kind<unknown>)])) as Record<keyof Lists, T>
}

/** Counts everything and keeps the first few. */
function kind<T>(limit: number): Kind<T> {
  const list: T[] = []
  return {
    list,
    count: 0,
    add(make) {
      this.count++
      if (list.length < limit) list.push(make())
    },
  }
}

function checkLimit(limit = LIMIT_DEFAULT): number {
  if (Number.isInteger(limit) && limit >= 1 && limit <= LIMIT_MAX) return limit
  throw new Refusal('invalid_argument', `limit: expected 1 to ${LIMIT_MAX}, got ${limit}`)
}
