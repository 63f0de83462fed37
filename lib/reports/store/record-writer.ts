/**
 * Records: lists of (field, text) pairs, each distinct list kept once. A finding
 * points at two of them: what its plugin says of every host, and what it says
 * of this one. Record 0 is the empty list.
 */
import { detached, type TextWriter } from './text-writer.ts'
import { GrowingColumn } from './growing-column.ts'

const MEMORY_PLUGINS_MAX = 20_000
const MEMORY_CHARS_MAX = 8 * 1024 * 1024

export interface RecordWriter {
  /** The record of these pairs, in this order. */
  record(names: readonly string[], texts: readonly string[]): number
  /** As {@link record}, but first compares with what `pluginId` said last, which spares nearly all the work. */
  detail(pluginId: number, names: readonly string[], texts: readonly string[]): number
  tables(): { readonly fields: readonly string[]; readonly starts: Uint32Array; readonly pairs: Uint32Array }
}

interface Said {
  readonly names: readonly string[]
  readonly texts: readonly string[]
  readonly record: number
}

export function makeRecordWriter(texts: Pick<TextWriter, 'intern'>): RecordWriter {
  const fieldIds = new Map<string, number>()
  const records = new Map<string, number>([['', 0]])
  const starts = new GrowingColumn()
  const pairs = new GrowingColumn()
  const said = new Map<number, Said>()
  let saidChars = 0
  starts.push(0)
  starts.push(0)

  const fieldId = (name: string): number => {
    let id = fieldIds.get(name)
    if (id === undefined) fieldIds.set(detached(name), (id = fieldIds.size))
    return id
  }
  const record = (names: readonly string[], values: readonly string[]): number => {
    let key = ''
    const ids: number[] = []
    for (let i = 0; i < names.length; i++) {
      const field = fieldId(names[i] ?? '')
      const text = texts.intern(values[i] ?? '')
      ids.push(field, text)
      key += `${field}:${text},`
    }
    const known = records.get(key)
    if (known !== undefined) return known
    const id = records.size
    records.set(key, id)
    for (const value of ids) pairs.push(value)
    starts.push(pairs.length / 2)
    return id
  }
  const remember = (pluginId: number, entry: Said, chars: number): void => {
    saidChars += chars
    if (saidChars > MEMORY_CHARS_MAX || said.size >= MEMORY_PLUGINS_MAX) {
      said.clear()
      saidChars = chars
    }
    said.set(pluginId, entry)
  }
  return {
    record,
    detail(pluginId, names, values) {
      const last = said.get(pluginId)
      if (last && sameList(last.texts, values) && sameList(last.names, names)) return last.record
      const id = record(names, values)
      const chars = values.reduce((sum, text) => sum + text.length, 0)
      if (chars <= MEMORY_CHARS_MAX / 8) {
        remember(pluginId, { names: names.map(detached), texts: values.map(detached), record: id }, chars)
      }
      return id
    },
    tables: () => ({ fields: [...fieldIds.keys()], starts: starts.view(), pairs: pairs.view() }),
  }
}

function sameList(a: readonly string[], b: readonly string[]): boolean {
  if (a.length !== b.length) return false
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false
  return true
}
