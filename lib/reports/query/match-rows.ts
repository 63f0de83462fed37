/**
 * Finds the rows that match a set of filters. A predicate is asked once per
 * distinct value (host, number, record, text), never once per finding, and
 * filters that need long texts are asked last, of the rows that are left.
 */
import { eachInTurn, filterRows, type Watch } from '../../base/pace.ts'
import type { Field } from '../fields.ts'
import { isLong } from '../store/format.ts'
import type { Store } from '../store/store-reader.ts'
import type { TextReader } from '../store/text-reader.ts'
import { type Scalar, SEVERITY_NAMES } from '../values.ts'
import { idOf, inKev, isCompliance, scoreOf, shortText, valuesOf } from './finding-view.ts'
import { hostValueOf } from './host-value.ts'
import type { Predicate } from './predicate.ts'

export interface Filter {
  readonly field: Field
  readonly predicate: Predicate
}

type Test = (row: number) => boolean

interface AskedRows {
  readonly store: Store
  readonly texts: TextReader
  readonly rows: Uint32Array
  readonly watch: Watch
}

/** Those of `rows` that match all `filters`, in their order. */
export async function matchRows(
  { store, texts, rows: asked, watch }: AskedRows,
  filters: readonly Filter[],
): Promise<Uint32Array> {
  let rows = asked
  const slow: Filter[] = []
  for (const filter of filters) {
    const test = quickTest(store, filter)
    if (test) rows = await filterRows(rows, test, watch)
    else slow.push(filter)
  }
  for (const filter of slow) {
    if (rows.length === 0) break
    rows = await filterRows(rows, await recordTest({ store, texts, rows, watch }, filter), watch)
  }
  return rows
}

/** Filled by a loop: made from a mapping, it takes longer than most filters. */
export function allRows(count: number): Uint32Array<ArrayBuffer> {
  const rows = new Uint32Array(count)
  for (let row = 0; row < count; row++) rows[row] = row
  return rows
}

/** As `rows.filter(test)`, which takes twice as long. */
export function keepRows(rows: Uint32Array, test: (row: number) => boolean): Uint32Array {
  const kept = new Uint32Array(rows.length)
  let count = 0
  for (let at = 0; at < rows.length; at++) if (test(rows[at]!)) kept[count++] = rows[at]!
  return kept.subarray(0, count)
}

/** The test of a field that is not in the records. */
function quickTest(store: Store, { field, predicate }: Filter): Test | undefined {
  const { columns } = store
  const onHost = (of: (host: Store['hosts'][number]) => Scalar | undefined): Test =>
    onNames((host) => [of(host)].filter((value) => value !== undefined))
  /** A host goes by several names: one that matches is enough. */
  const onNames = (of: (host: Store['hosts'][number]) => readonly Scalar[]): Test => {
    const truth = store.hosts.map((host) => {
      const values = of(host)
      return values.length === 0 ? predicate.absent : values.some((value) => predicate.matches(value))
    })
    return (row) => truth[columns.host[row] ?? 0] ?? false
  }
  const onColumn = (column: Uint32Array, of: (value: number) => Scalar | undefined): Test => {
    const truth = new Map<number, boolean>()
    return (row) => {
      const value = column[row] ?? 0
      let answer = truth.get(value)
      if (answer === undefined) truth.set(value, (answer = decide(predicate, of(value))))
      return answer
    }
  }
  const ofHost = hostValueOf(field.name)
  if (ofHost) return onHost(ofHost)
  switch (field.name) {
    case 'id':
      return (row) => decide(predicate, idOf(store, row))
    case 'host':
      return onNames((host) => [host.name, ...host.names])
    case 'host_ip':
      return onNames((host) => [...(host.ip === undefined ? [] : [host.ip]), ...(host.marks.address ?? [])])
    case 'host_fqdn':
      return onNames((host) => [...(host.fqdn === undefined ? [] : [host.fqdn]), ...(host.marks.fqdn ?? [])])
    case 'os':
      return onHost((host) => host.os)
    case 'host_start':
      return onHost((host) => host.start)
    case 'host_end':
      return onHost((host) => host.end)
    case 'port':
      return onColumn(columns.port, (value) => value)
    case 'protocol':
      return onColumn(columns.protocol, (id) => shortText(store, id) || undefined)
    case 'svc_name':
      return onColumn(columns.service, (id) => shortText(store, id) || undefined)
    case 'plugin_id':
      return onColumn(columns.plugin, (value) => value)
    case 'severity':
      return onColumn(columns.severity, (value) => value)
    case 'severity_name':
      return onColumn(columns.severity, (value) => SEVERITY_NAMES[value])
    case 'finding_type':
      return (row) => decide(predicate, isCompliance(store, row) ? 'compliance' : 'vulnerability')
    case 'cvss_score':
      return onColumn(columns.detail, (record) => scoreOf(store, record)?.score)
    case 'kev':
      return onColumn(columns.detail, (record) => inKev(store, record))
    case 'cvss_version':
      return onColumn(columns.detail, (record) => scoreOf(store, record)?.version)
    default:
      return undefined
  }
}

function decide(predicate: Predicate, value: Scalar | undefined): boolean {
  return value === undefined ? predicate.absent : predicate.matches(value)
}

const PRESENT = 1
const MATCHES = 2

/** The test of an element's field: per record, then per row. */
async function recordTest({ store, texts, rows, watch }: AskedRows, { field, predicate }: Filter): Promise<Test> {
  const { detail, instance } = store.columns
  const number = store.fields.findIndex((known) => known.name === field.name)
  const state = new Uint8Array(store.recordStarts.length)
  const waiting = new Map<number, number[]>()
  const matches = (text: string): boolean => valuesOf(field, text).some((value) => predicate.matches(value))
  const known = new Map<number, boolean>()
  const answer = (textId: number): boolean => {
    let result = known.get(textId)
    if (result === undefined) known.set(textId, (result = matches(shortText(store, textId))))
    return result
  }
  const look = (record: number) => {
    const end = store.recordStarts[record + 1] ?? 0
    for (let pair = store.recordStarts[record] ?? 0; pair < end; pair++) {
      if (store.pairs[pair * 2] !== number) continue
      const textId = store.pairs[pair * 2 + 1] ?? 0
      state[record] = Math.max(state[record] ?? 0, PRESENT)
      if (predicate.presenceOnly || !isLong(textId)) {
        if (predicate.presenceOnly ? predicate.matches('') : answer(textId)) state[record] = MATCHES
      } else if (waiting.has(textId)) waiting.get(textId)?.push(record)
      else waiting.set(textId, [record])
    }
  }
  await eachInTurn(usedRecords(rows, [detail, instance], state.length), look, watch)
  await texts.each(
    waiting.keys(),
    (textId, text) => {
      if (!matches(text)) return
      for (const record of waiting.get(textId) ?? []) state[record] = MATCHES
    },
    watch,
  )
  return (row) => {
    const seen = Math.max(state[detail[row] ?? 0] ?? 0, state[instance[row] ?? 0] ?? 0)
    return seen === 0 ? predicate.absent : seen === MATCHES
  }
}

function usedRecords(rows: Uint32Array, columns: readonly Uint32Array[], count: number): number[] {
  const used = new Uint8Array(count)
  for (const column of columns) for (const row of rows) used[column[row] ?? 0] = 1
  return [...used.keys()].filter((record) => used[record] === 1)
}
