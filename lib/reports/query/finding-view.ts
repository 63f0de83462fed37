/**
 * Reads findings out of an open store: a field's value on a row, the pairs of a
 * row, its id. Short of long texts, everything is answered from memory.
 */
import type { Field } from '../fields.ts'
import { isLong } from '../store/format.ts'
import type { Store } from '../store/store-reader.ts'
import type { TextOf } from '../store/text-reader.ts'
import { type Scalar, SEVERITY_NAMES, typed } from '../values.ts'
import { findingId } from './finding-id.ts'

export type Value = Scalar | Scalar[]
/** A finding as it is shown: a plain object without a prototype, since a report may name an element anything. */
export type Line = Record<string, Value>

export const shortText = (store: Store, textId: number): string => store.shortTexts[textId / 2] ?? ''

export function idOf(store: Store, row: number): string {
  const { columns } = store
  return findingId({
    host: store.hosts[columns.host[row] ?? 0]?.name ?? '',
    port: columns.port[row] ?? 0,
    protocol: shortText(store, columns.protocol[row] ?? 0),
    pluginId: columns.plugin[row] ?? 0,
    check: shortText(store, columns.check[row] ?? 0),
    serial: columns.serial[row] ?? 0,
  })
}

export const isCompliance = (store: Store, row: number): boolean =>
  shortText(store, store.columns.check[row] ?? 0) !== ''

/** Calls `visit` with each (field, text id) of both records of `row`. */
export function eachPair(store: Store, row: number, visit: (field: Field, textId: number) => void): void {
  for (const record of [store.columns.detail[row] ?? 0, store.columns.instance[row] ?? 0]) {
    eachPairOf(store, record, visit)
  }
}

export function eachPairOf(store: Store, record: number, visit: (field: Field, textId: number) => void): void {
  const end = store.recordStarts[record + 1] ?? 0
  for (let pair = store.recordStarts[record] ?? 0; pair < end; pair++) {
    const field = store.fields[store.pairs[pair * 2] ?? 0]
    if (field) visit(field, store.pairs[pair * 2 + 1] ?? 0)
  }
}

/** The long texts that `rows` need for the fields in `wanted`. */
export function longTextsOf(store: Store, rows: Iterable<number>, wanted: ReadonlySet<string>): Set<number> {
  const ids = new Set<number>()
  for (const row of rows) {
    eachPair(store, row, (field, textId) => {
      if (isLong(textId) && wanted.has(field.name)) ids.add(textId)
    })
  }
  return ids
}

/** The whole finding on `row`, limited to `wanted`; absent fields are left out. */
export function lineOf(store: Store, row: number, wanted: ReadonlySet<string>, textOf: TextOf): Line {
  const line = Object.create(null) as Line
  baseFields(store, row, (name, value) => {
    if (wanted.has(name)) line[name] = value
  })
  eachPair(store, row, (field, textId) => {
    if (wanted.has(field.name)) addValue(line, field, textOf(textId))
  })
  addScore(store, row, wanted, line)
  return line
}

function addValue(line: Line, field: Field, text: string): void {
  for (const value of valuesOf(field, text)) {
    const known = line[field.name]
    if (!field.list) line[field.name] ??= value
    else if (Array.isArray(known)) known.push(value)
    else line[field.name] = [value]
  }
}

/** The values that one element's text stands for: `see_also` holds one address per line. */
export function valuesOf(field: Field, text: string): Scalar[] {
  if (field.name !== 'see_also') return [typed(field.type, field.list ? text.trim() : text)]
  return text
    .split('\n')
    .map((line) => line.trim())
    .filter(Boolean)
}

function baseFields(store: Store, row: number, put: (name: string, value: Value) => void): void {
  const { columns } = store
  const host = store.hosts[columns.host[row] ?? 0]
  const putText = (name: string, text: string | undefined): void => {
    if (text !== undefined && text !== '') put(name, text)
  }
  put('id', idOf(store, row))
  putText('host', host?.name)
  putText('host_ip', host?.ip)
  putText('host_fqdn', host?.fqdn)
  putText('os', host?.os)
  putText('host_netbios', host?.netbios)
  putText('host_mac', host?.mac)
  putText('host_start', host?.start)
  putText('host_end', host?.end)
  if (host?.credentialed !== undefined) put('host_credentialed', host.credentialed)
  put('port', columns.port[row] ?? 0)
  putText('protocol', shortText(store, columns.protocol[row] ?? 0))
  putText('svc_name', shortText(store, columns.service[row] ?? 0))
  put('plugin_id', columns.plugin[row] ?? 0)
  const severity = columns.severity[row] ?? 0
  put('severity', severity)
  put('severity_name', SEVERITY_NAMES[severity] ?? 'Info')
  put('finding_type', isCompliance(store, row) ? 'compliance' : 'vulnerability')
}

/** CVSS base scores, newest version first; WAS reports write `cvssv3` and `cvss`. */
export const SCORES = [
  ['cvss4_base_score', 4],
  ['cvss3_base_score', 3],
  ['cvssv3', 3],
  ['cvss_base_score', 2],
  ['cvss', 2],
] as const

function addScore(store: Store, row: number, wanted: ReadonlySet<string>, line: Line): void {
  if (!wanted.has('cvss_score') && !wanted.has('cvss_version')) return
  const score = scoreOf(store, store.columns.detail[row] ?? 0)
  if (!score) return
  if (wanted.has('cvss_score')) line['cvss_score'] = score.score
  if (wanted.has('cvss_version')) line['cvss_version'] = score.version
}

/** Whether CISA lists it as exploited: reports say so by a date, older ones by a reference alone. */
export function inKev(store: Store, record: number): boolean {
  let known = false
  eachPairOf(store, record, ({ name }, textId) => {
    known ||= name === 'cisa_known_exploited'
    known ||= name === 'xref' && !isLong(textId) && shortText(store, textId).startsWith('CISA-KNOWN-EXPLOITED')
  })
  return known
}

export function scoreOf(store: Store, record: number): { score: number; version: number } | undefined {
  let best: { score: number; version: number; rank: number } | undefined
  eachPairOf(store, record, (field, textId) => {
    const rank = SCORES.findIndex(([name]) => name === field.name)
    if (rank < 0 || isLong(textId) || (best && best.rank <= rank)) return
    const score = typed('number', shortText(store, textId))
    if (typeof score === 'number') best = { score, version: SCORES[rank]?.[1] ?? 0, rank }
  })
  return best && { score: best.score, version: best.version }
}
