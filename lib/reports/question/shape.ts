/** Makes the table of an answer out of its groups: measured, kept by `having`, ordered, cut. */
import { KNOWN_FIELDS, UNTRUSTED_FIELDS } from '../fields.ts'
import { INVENTORY_FIELDS } from '../inventory/kinds.ts'
import { LIFE_FIELDS } from '../ledger/life-fields.ts'
import { predicateOf } from '../query/predicate.ts'
import { type Scalar, SEVERITY_NAMES } from '../values.ts'
import type { Measure, Question } from './question.ts'
import { OWN_FIELD } from './subjects.ts'
import { type TallyGroup, NONE } from './tally.ts'

const TEXT_CHARS_MAX = 300

export type Cell = Scalar | null
type Row = readonly Cell[]

export interface AnswerTable {
  readonly n: number
  readonly groups: number
  readonly columns: readonly string[]
  readonly rows: readonly Row[]
  readonly cut: number
  readonly untrusted: readonly string[]
}

export function shape(question: Question, total: TallyGroup, groups: readonly TallyGroup[]): AnswerTable {
  const { measures, groupBy } = question
  const columns = [...groupBy, ...measures.map(({ name }) => name)]
  const having = question.having.map(({ column, condition }) => havingTest(columns.indexOf(column), column, condition))
  const kept = groups
    .map((group) => ({
      group,
      row: [...group.labels, ...measures.map((measure, at) => valueOf(measure, group, at))],
    }))
    // What has no CVE is no CVE: it is a group only where something else is counted.
    .filter(({ row }) => !(isOwn(question) && row[0] === NONE) && having.every((test) => test(row)))
  const sorted = kept.map(({ row }) => row).toSorted(orderOf(question, columns))
  const rows = sorted.slice(0, question.top).map((row) => row.map(shorten))
  return {
    n: isOwn(question) ? kept.length : countOf(question, total, kept),
    groups: kept.length,
    columns,
    rows,
    cut: kept.length - rows.length,
    untrusted: groupBy.filter(
      (name) => UNTRUSTED_FIELDS.has(name) || INVENTORY_FIELDS.get(name)?.type === 'words' || HOSTS_OWN.has(name),
    ),
  }
}

/** Further texts of the inventory that a scanned host chooses. */
const HOSTS_OWN: ReadonlySet<string> = new Set(['certificate', 'issuer', 'version', 'path', 'cpe_name'])

/** Whether the question is grouped by what it asks of, so that its groups are what is counted. */
const isOwn = ({ of, groupBy }: Question): boolean => groupBy.length > 0 && groupBy[0] === OWN_FIELD[of]

/** Whether hosts of several groups are counted as one set, for which their keys are needed. */
export const asksForUnions = ({ of, having }: Question): boolean =>
  of === 'fix_plan' || (of === 'hosts' && having.length > 0)

function countOf({ of, having }: Question, total: TallyGroup, kept: readonly { group: TallyGroup }[]): number {
  if (of === 'hosts' && having.length > 0) return new Set(kept.flatMap(({ group }) => [...group.hosts.keys])).size
  if (of === 'hosts' || of === 'scanned_hosts') return total.hosts.size
  return of === 'plugins' ? (total.plugins?.size ?? 0) : total.findings
}

function valueOf({ kind }: Measure, group: TallyGroup, at: number): Cell {
  switch (kind) {
    case 'findings':
    case 'items':
      return group.findings
    case 'hosts':
      return group.hosts.size
    case 'plugins':
      return group.plugins?.size ?? 0
    case 'cves':
      return group.cves?.size ?? 0
    case 'kev':
      return group.kev ?? null
    case 'worst':
      return group.findings === 0 ? null : (SEVERITY_NAMES[group.worst] ?? 'Info')
    case 'max':
    case 'min':
    case 'sum':
      return group.over[at] ?? null
    case 'mean':
      return mean(group.over[at], group.told[at] ?? 0)
  }
}

/** To one decimal; of nothing there is none. */
const mean = (sum: number | undefined, told: number): Cell =>
  sum === undefined || told === 0 ? null : Math.round((sum / told) * 10) / 10

function havingTest(at: number, column: string, condition: string | number): (row: Row) => boolean {
  const known = KNOWN_FIELDS.get(column) ?? INVENTORY_FIELDS.get(column) ?? LIFE_FIELDS.get(column)
  const predicate = predicateOf({ name: column, type: known?.type ?? 'number', list: false }, condition)
  return (row) => {
    const value = row[at]
    return value !== null && value !== undefined && predicate.matches(value)
  }
}

/** By what was asked for, else by the first measure, the most first; then by the groups' names, so that equal rows keep their order. */
function orderOf({ order, measures, groupBy }: Question, columns: readonly string[]): (a: Row, b: Row) => number {
  const column = order?.column ?? measures[0]?.name
  const at = column === undefined ? -1 : columns.indexOf(column)
  const sign = (order?.descending ?? true) ? -1 : 1
  const isWorst =
    measures.some(({ name, kind }) => name === column && kind === 'worst') || (column?.startsWith('severity') ?? false)
  const rank = (value: Cell | undefined): Cell =>
    isWorst ? SEVERITY_NAMES.indexOf(value as (typeof SEVERITY_NAMES)[number]) : (value ?? null)
  return (a, b) =>
    sign * compare(rank(a[at]), rank(b[at])) ||
    groupBy.map((_, label) => compare(a[label] ?? null, b[label] ?? null)).find((difference) => difference !== 0) ||
    0
}

/** What is missing comes last in ascending order. */
function compare(a: Cell, b: Cell): number {
  if (a === null || b === null) return a === b ? 0 : a === null ? 1 : -1
  if (typeof a === 'number' && typeof b === 'number') return a - b
  return String(a) < String(b) ? -1 : String(a) > String(b) ? 1 : 0
}

function shorten(value: Cell): Cell {
  return typeof value === 'string' && value.length > TEXT_CHARS_MAX ? `${value.slice(0, TEXT_CHARS_MAX)}…` : value
}
