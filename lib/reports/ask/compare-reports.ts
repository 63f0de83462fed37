/**
 * What changed between two reports: new, fixed, persisting, severity changed,
 * and what cannot be told because it was not retested. A finding is the same
 * when its id is: output has no part in it.
 */
import { Refusal } from '../../base/errors.ts'
import { eachPair, idOf, isCompliance, shortText } from '../query/finding-view.ts'
import type { OpenReport } from '../query/results.ts'
import { isLong } from '../store/format.ts'
import type { Store } from '../store/store-reader.ts'
import { type FindingBrief, makeBriefs } from './finding-brief.ts'
import { makeRetest, NOT_RETESTED, type NotRetested } from './retest.ts'

const LIMIT_DEFAULT = 50
const LIMIT_MAX = 500

export interface CompareOptions {
  /** Findings below this are left out; 1 leaves out the informational ones. */
  readonly severityMin?: number
  /** Findings listed per kind; the counts are always whole. */
  readonly limit?: number
}

export interface Comparison {
  readonly counts: {
    readonly new: number
    readonly new_on_new_hosts: number
    readonly fixed: number
    readonly persisting: number
    readonly severity_changed: number
    readonly not_retested: number
    readonly compliance_changed: number
  }
  readonly new: readonly FindingBrief[]
  readonly fixed: readonly FindingBrief[]
  readonly severity_changed: readonly (FindingBrief & { readonly severity_before: number })[]
  readonly not_retested: readonly (FindingBrief & { readonly why: string })[]
  readonly not_retested_reasons: Readonly<Record<string, number>>
  readonly compliance_changed: readonly (FindingBrief & { readonly result_before: string; readonly result: string })[]
  readonly hosts: { readonly added: readonly string[]; readonly gone: readonly string[] }
  readonly warnings: readonly string[]
}

export function compareReports(before: OpenReport, after: OpenReport, options: CompareOptions = {}): Comparison {
  const limit = checkLimit(options.limit)
  const severityMin = options.severityMin ?? 1
  const old = rowsById(before.store)
  const briefOld = makeBriefs(before.store)
  const briefNew = makeBriefs(after.store)
  const whyNot = makeRetest(before, after)
  const oldHosts = new Set(before.store.hosts.map((host) => host.name))
  const newHosts = new Set(after.store.hosts.map((host) => host.name))
  const kinds = makeKinds(limit)
  let persisting = 0
  let onNewHosts = 0
  const reasons: Record<string, number> = {}

  for (let row = 0; row < after.store.count; row++) {
    const id = idOf(after.store, row)
    const earlier = old.get(id)
    old.delete(id)
    const severity = after.store.columns.severity[row] ?? 0
    const severityBefore = earlier === undefined ? severity : (before.store.columns.severity[earlier] ?? 0)
    if (isCompliance(after.store, row)) {
      const result = complianceResult(after.store, row)
      const resultBefore = earlier === undefined ? 'NOT CHECKED' : complianceResult(before.store, earlier)
      if (result !== resultBefore) {
        kinds.compliance_changed.add(() => ({ ...briefNew(row), result_before: resultBefore, result }))
      }
    } else if (Math.max(severity, severityBefore) < severityMin) continue
    else if (earlier === undefined) {
      if (!oldHosts.has(after.store.hosts[after.store.columns.host[row] ?? 0]?.name ?? '')) onNewHosts++
      kinds.new.add(() => briefNew(row))
    } else {
      persisting++
      if (severity !== severityBefore) {
        kinds.severity_changed.add(() => ({ ...briefNew(row), severity_before: severityBefore }))
      }
    }
  }
  // What is left of the old report has no counterpart in the new one.
  for (const row of old.values()) {
    if (isCompliance(before.store, row) || (before.store.columns.severity[row] ?? 0) < severityMin) continue
    const why: NotRetested | undefined = whyNot(row)
    if (why === undefined) kinds.fixed.add(() => briefOld(row))
    else {
      reasons[why] = (reasons[why] ?? 0) + 1
      kinds.not_retested.add(() => ({ ...briefOld(row), why: NOT_RETESTED[why] }))
    }
  }
  return {
    counts: {
      new: kinds.new.count,
      new_on_new_hosts: onNewHosts,
      fixed: kinds.fixed.count,
      persisting,
      severity_changed: kinds.severity_changed.count,
      not_retested: kinds.not_retested.count,
      compliance_changed: kinds.compliance_changed.count,
    },
    new: kinds.new.list,
    fixed: kinds.fixed.list,
    severity_changed: kinds.severity_changed.list,
    not_retested: kinds.not_retested.list,
    not_retested_reasons: reasons,
    compliance_changed: kinds.compliance_changed.list,
    hosts: {
      added: [...newHosts].filter((host) => !oldHosts.has(host)).slice(0, limit),
      gone: [...oldHosts].filter((host) => !newHosts.has(host)).slice(0, limit),
    },
    warnings: after.facts.validation_warnings,
  }
}

function makeKinds(limit: number) {
  return {
    new: kind<FindingBrief>(limit),
    fixed: kind<FindingBrief>(limit),
    severity_changed: kind<FindingBrief & { severity_before: number }>(limit),
    not_retested: kind<FindingBrief & { why: string }>(limit),
    compliance_changed: kind<FindingBrief & { result_before: string; result: string }>(limit),
  }
}

interface Kind<T> {
  readonly list: T[]
  count: number
  add(make: () => T): void
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

function rowsById(store: Store): Map<string, number> {
  const rows = new Map<string, number>()
  for (let row = 0; row < store.count; row++) rows.set(idOf(store, row), row)
  return rows
}

function complianceResult(store: Store, row: number): string {
  let result = 'UNKNOWN'
  eachPair(store, row, (field, textId) => {
    if (field.name === 'compliance_result' && !isLong(textId)) result = shortText(store, textId).trim().toUpperCase()
  })
  return result
}

function checkLimit(limit = LIMIT_DEFAULT): number {
  if (Number.isInteger(limit) && limit >= 1 && limit <= LIMIT_MAX) return limit
  throw new Refusal('invalid_argument', `limit: expected 1 to ${LIMIT_MAX}, got ${limit}`)
}
