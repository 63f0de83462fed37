/** Groups the rows of one report and measures each group. Groups of several reports are merged by what they stand for. */
import type { Scalar } from '../values.ts'
import type { OpenReport } from '../query/results.ts'
import { inKev } from '../query/finding-view.ts'
import type { FieldCatalogue } from '../query/field-catalogue.ts'
import { type CountedHosts, HostCount } from './host-count.ts'
import { constantDimension, dimensionOf, type Dimension } from './dimensions.ts'
import { lackingReason } from '../judge/lacking-reason.ts'
import type { Measure } from './question.ts'

/** What is known of one group. Plugins and CVEs are kept as sets, so that groups can be joined without counting twice. */
export interface TallyGroup {
  readonly labels: readonly Scalar[]
  findings: number
  readonly hosts: HostCount
  /** Plugins and CVEs are collected for who asks for them: a set in each of 100,000 groups costs more than all the rest. */
  plugins: Set<number> | undefined
  cves: Set<Scalar> | undefined
  worst: number
  /** Findings that CISA lists as exploited; `undefined` where a report does not tell. */
  kev: number | undefined
  /** Per measure over a field: its value so far. */
  readonly over: (number | undefined)[]
  /** Per measure over a field: how many rows have a value. */
  readonly told: number[]
}

export interface TallyOptions {
  readonly groupBy: readonly string[]
  readonly measures: readonly Measure[]
  readonly catalogue: FieldCatalogue
  readonly hosts: CountedHosts
  /** What a host is called in the whole answer; as this report writes it where nothing is given. */
  readonly hostName?: ((host: number) => string) | undefined
  /** What this report is called when rows are grouped by `scan`: its date. */
  readonly scan: string
  /** What rows are grouped by instead of fields. */
  readonly dimensions?: readonly Dimension[]
}

/** Groups `rows`. A row with several values in a list counts once in each of their groups. */
export async function tally(
  report: OpenReport,
  rows: Uint32Array,
  { groupBy, measures, catalogue, hosts: counted, hostName, scan, dimensions: own }: TallyOptions,
): Promise<TallyGroup[]> {
  const { columns } = report.store
  const dimensions =
    own ??
    groupBy.map((name) => {
      if (name === 'scan') return constantDimension(scan)
      return dimensionOf(report, catalogue.field(name, 'group_by'), hostName)
    })
  const wants = (kind: Measure['kind']): boolean => measures.some((measure) => measure.kind === kind)
  const kev = wants('kev') ? kevOf(report) : undefined
  const cve = wants('cves') ? dimensionOf(report, catalogue.field('cve', 'measure')) : undefined
  const over = measures.map(({ field }) =>
    field === undefined ? undefined : numbersOf(report, catalogue.field(field, 'measure')),
  )
  const groups = makeGroups(dimensions.length, () => emptyGroup(measures.length, counted.byKey))
  const wantsPlugins = wants('plugins')
  const overs = over.some((numbers) => numbers !== undefined)
  const watch = report.pace.watch()

  const add = (group: CodedGroup, row: number): void => {
    group.findings += 1
    const host = columns.host[row] ?? 0
    if (group.lastHost !== host) group.hosts.add(counted.keys[(group.lastHost = host)] ?? 0)
    if (wantsPlugins) (group.plugins ??= new Set()).add(columns.plugin[row] ?? 0)
    const severity = columns.severity[row] ?? 0
    if (severity > group.worst) group.worst = severity
    if (kev) group.kev = bothKnown(group.kev, kev(row))
    if (cve) for (const code of cve.codes(row)) (group.cves ??= new Set()).add(cve.label(code))
    if (!overs) return
    for (const [at, numbers] of over.entries()) {
      if (!numbers) continue
      const number = numbers(row)
      if (number === undefined) continue
      group.over[at] = combine(measures[at]!.kind, group.over[at], number)
      group.told[at] = (group.told[at] ?? 0) + 1
    }
  }
  const codes: number[] = dimensions.map(() => ABSENT)
  /** Walks through the values of the dimensions from `at` on; a row with several values has several groups. */
  const place = (row: number, at: number): void => {
    const dimension = dimensions[at]
    if (dimension === undefined) return add(groups.of(codes), row)
    const values = dimension.codes(row)
    if (values.length === 0) {
      codes[at] = ABSENT
      return place(row, at + 1)
    }
    for (const value of values) {
      codes[at] = value
      place(row, at + 1)
    }
  }
  for (let from = 0; from < rows.length; from += ROWS_AT_ONCE) {
    if (watch.over()) await watch.rest()
    const end = Math.min(from + ROWS_AT_ONCE, rows.length)
    for (let at = from; at < end; at++) place(rows[at]!, 0)
  }
  const found = groups.all
  await Promise.all(dimensions.map((dimension, at) => dimension.load(found.map((group) => group.codes[at]!))))
  return found.map((group) => ({
    ...group,
    labels: group.codes.map((code, at) => (code === ABSENT ? NONE : dimensions[at]!.label(code))),
  }))
}

/** All of `rows` as one group, of which only what every answer tells is counted. */
export function tallyAll(
  { store: { columns } }: OpenReport,
  rows: Uint32Array,
  { hosts, wantsPlugins }: { readonly hosts: CountedHosts; readonly wantsPlugins: boolean },
): TallyGroup {
  const total = emptyGroup(0, hosts.byKey)
  const plugins = new Set<number>()
  let last = -1
  for (let at = 0; at < rows.length; at++) {
    const row = rows[at]!
    total.findings += 1
    const host = columns.host[row] ?? 0
    if (host !== last) total.hosts.add(hosts.keys[(last = host)] ?? 0)
    if (wantsPlugins) plugins.add(columns.plugin[row] ?? 0)
  }
  return { ...total, plugins }
}

interface CodedGroup extends TallyGroup {
  readonly codes: readonly number[]
  /** The host of the row before, by its place in the report: rows of one host follow one another. */
  lastHost: number
}

type Level = Map<number, Level | CodedGroup>

/** Groups by their codes: a map in a map, for as many dimensions as there are, so that no key has to be made. */
function makeGroups(dimensions: number, empty: () => TallyGroup) {
  const all: CodedGroup[] = []
  const make = (codes: readonly number[]): CodedGroup => {
    const group: CodedGroup = { codes: [...codes], lastHost: -1, ...empty() }
    all.push(group)
    return group
  }
  const top: Level = new Map()
  let only: CodedGroup | undefined
  return {
    all,
    of(codes: readonly number[]): CodedGroup {
      if (dimensions === 0) return (only ??= make(codes))
      let level = top
      for (let at = 0; at < dimensions - 1; at++) {
        let next = level.get(codes[at]!) as Level | undefined
        if (next === undefined) level.set(codes[at]!, (next = new Map()))
        level = next
      }
      const last = codes[dimensions - 1]!
      let group = level.get(last) as CodedGroup | undefined
      if (group === undefined) level.set(last, (group = make(codes)))
      return group
    },
  }
}

/** So many rows between two looks at the clock: others get their turn. */
const ROWS_AT_ONCE = 1024
const ABSENT = -1
/** Stands for rows that lack the field. */
export const NONE = '(none)'

export function emptyGroup(measures: number, byKey: boolean): TallyGroup {
  return {
    labels: [],
    findings: 0,
    hosts: new HostCount(byKey),
    plugins: undefined,
    cves: undefined,
    worst: 0,
    kev: 0,
    over: Array<number | undefined>(measures).fill(undefined),
    told: Array<number>(measures).fill(0),
  }
}

export interface Joining {
  readonly measures: readonly Measure[]
  /** No host of `other` is one of `group`'s. */
  readonly isApart: boolean
}

/** Adds `other` to `group`. */
export function join(group: TallyGroup, other: TallyGroup, { measures, isApart }: Joining): void {
  group.findings += other.findings
  group.hosts.join(other.hosts, isApart)
  group.plugins = both(group.plugins, other.plugins)
  group.cves = both(group.cves, other.cves)
  group.worst = Math.max(group.worst, other.worst)
  group.kev = bothKnown(group.kev, other.kev)
  for (const [at, { kind }] of measures.entries()) {
    group.over[at] = combine(kind, group.over[at], other.over[at])
    group.told[at] = (group.told[at] ?? 0) + (other.told[at] ?? 0)
  }
}

function both<T>(some: Set<T> | undefined, others: Set<T> | undefined): Set<T> | undefined {
  if (some === undefined) return others
  for (const other of others ?? []) some.add(other)
  return some
}

const bothKnown = (a: number | undefined, b: number | undefined): number | undefined =>
  a === undefined || b === undefined ? undefined : a + b

/** 1 where CISA lists a row's finding, 0 where not, nothing where the report does not tell. */
function kevOf(report: OpenReport): (row: number) => number | undefined {
  if (lackingReason(report, 'kev') !== undefined) return () => undefined
  const { store } = report
  const known = new Map<number, number>()
  return (row) => {
    const record = store.columns.detail[row] ?? 0
    let found = known.get(record)
    if (found === undefined) known.set(record, (found = inKev(store, record) ? 1 : 0))
    return found
  }
}

function combine(kind: Measure['kind'], a: number | undefined, b: number | undefined): number | undefined {
  if (a === undefined || b === undefined) return a ?? b
  return kind === 'sum' || kind === 'mean' ? a + b : kind === 'min' ? Math.min(a, b) : Math.max(a, b)
}

/** A row's number in a field; `undefined` where it has none. */
function numbersOf(report: OpenReport, field: ReturnType<FieldCatalogue['field']>) {
  const dimension = dimensionOf(report, field)
  return (row: number): number | undefined => {
    const [code] = dimension.codes(row)
    const value = code === undefined ? undefined : dimension.label(code)
    return typeof value === 'number' ? value : undefined
  }
}
