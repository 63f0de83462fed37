/**
 * Orders rows by any fields that hold one value. The default order breaks ties,
 * and a finding without the field comes last in either direction.
 */
import { Refusal } from '../../base/errors.ts'
import { eachInTurn, sortInTurn, type Watch } from '../../base/pace.ts'
import { compareHosts } from '../store/host-order.ts'
import { orderRows, type SortKey } from '../store/row-order.ts'
import type { Store } from '../store/store-reader.ts'
import type { TextReader } from '../store/text-reader.ts'
import type { Scalar } from '../values.ts'
import type { FieldCatalogue } from './field-catalogue.ts'
import { lineOf, longTextsOf } from './finding-view.ts'
import type { Field } from '../fields.ts'

export const KEYS_MAX = 8
const FORM = 'a field, "-field" for descending, "field:asc" or "field:desc"'

export interface SortField {
  readonly field: Field
  readonly descending: boolean
}

/** Reads `sort`: one field or several, the first counting most. Numbers, dates and severity descend unless told otherwise. */
export function sortFields(sort: unknown, catalogue: FieldCatalogue): SortField[] {
  if (sort === undefined || sort === null || sort === '') return []
  const keys: unknown[] = Array.isArray(sort) ? sort : typeof sort === 'string' ? sort.split(',') : [sort]
  if (keys.length > KEYS_MAX) {
    throw new Refusal('invalid_argument', `sort: expected at most ${KEYS_MAX} fields, got ${keys.length}`)
  }
  return keys.map((key) => sortField(key, catalogue))
}

function sortField(key: unknown, catalogue: FieldCatalogue): SortField {
  const [, sign, name, direction] = /^\s*([-+]?)([^\s:]+)(?::(asc|desc))?\s*$/.exec(String(key)) ?? []
  if (typeof key !== 'string' || name === undefined || (sign !== '' && direction !== undefined)) {
    throw new Refusal('invalid_argument', `sort: expected ${FORM}, got ${JSON.stringify(key)}`.slice(0, 300))
  }
  const field = catalogue.field(name, 'sort')
  if (field.list || field.type === 'id') {
    throw new Refusal('invalid_argument', `sort: ${field.name} cannot be sorted by; use a field with a single value`)
  }
  const byNature = field.type === 'number' || field.type === 'severity' || field.type === 'date'
  const natural = byNature && field.name !== 'port' && field.name !== 'plugin_id'
  const told = sign === '-' || direction === 'desc' ? true : sign === '+' || direction === 'asc' ? false : undefined
  return { field, descending: told ?? natural }
}

export async function sortRows(
  store: Store,
  texts: TextReader,
  rows: Uint32Array,
  fields: readonly SortField[],
  watch: Watch,
): Promise<Uint32Array> {
  const keys: SortKey[] = []
  for (const key of fields) keys.push(await sortKey({ store, texts, rows, watch }, key))
  return orderRows(rows, keys)
}

interface Sorted {
  readonly store: Store
  readonly texts: TextReader
  readonly rows: Uint32Array
  readonly watch: Watch
}

async function sortKey({ store, texts, rows, watch }: Sorted, key: SortField): Promise<SortKey> {
  const wanted = new Set([key.field.name])
  const textOf = await texts.load(longTextsOf(store, rows, wanted), watch)
  const codes = codesOf(store, key.field.name)
  const valueOfCode = new Map<number, Scalar | undefined>()
  const look = (row: number) => {
    const code = codes[row] ?? 0
    if (valueOfCode.has(code)) return
    const value = lineOf(store, row, wanted, textOf)[key.field.name]
    valueOfCode.set(code, Array.isArray(value) ? undefined : value)
  }
  await eachInTurn(rows, look, watch)
  const compare = (a: Scalar | undefined, b: Scalar | undefined) => compareValues(a, b, key)
  const distinct = await sortInTurn([...new Set(valueOfCode.values())], compare, watch)
  const rankOfValue = new Map(distinct.map((value, rank) => [value, rank]))
  const rankOf = new Uint32Array(store.count)
  for (const row of rows) rankOf[row] = rankOfValue.get(valueOfCode.get(codes[row] ?? 0)) ?? 0
  return { rankOf, ranks: distinct.length }
}

/** A number per row such that rows with the same number have the same value of `name`. */
function codesOf(store: Store, name: string): Uint32Array {
  const { columns } = store
  if (name.startsWith('host') || name === 'os') return columns.host
  switch (name) {
    case 'port':
      return columns.port
    case 'protocol':
      return columns.protocol
    case 'svc_name':
      return columns.service
    case 'plugin_id':
      return columns.plugin
    case 'severity':
    case 'severity_name':
      return columns.severity
    case 'finding_type':
      return columns.check
    case 'cvss_score':
    case 'cvss_version':
      return columns.detail
    default:
      return recordCodes(store)
  }
}

/** One number per distinct pair of records. */
function recordCodes(store: Store): Uint32Array {
  const codes = new Map<number, number>()
  const { detail, instance } = store.columns
  const instances = store.recordStarts.length
  return detail.map((record, row) => {
    const pair = record * instances + (instance[row] ?? 0)
    let code = codes.get(pair)
    if (code === undefined) codes.set(pair, (code = codes.size))
    return code
  })
}

function compareValues(a: Scalar | undefined, b: Scalar | undefined, key: SortField): number {
  if (a === undefined) return b === undefined ? 0 : 1
  if (b === undefined) return -1
  const order = ascending(a, b, key.field.name)
  return key.descending ? -order : order
}

function ascending(a: Scalar, b: Scalar, name: string): number {
  if (typeof a === 'number' && typeof b === 'number') return a - b
  // A value that lacks the form of its type stays text; it comes after the numbers.
  if (typeof a !== typeof b) return typeof a < typeof b ? -1 : 1
  if (name === 'host' || name === 'host_ip') return compareHosts(String(a), String(b))
  return a < b ? -1 : a > b ? 1 : 0
}
