/** A finding in a few short fields, from memory alone. */
import { defined } from '../../base/defined.ts'
import { eachPairOf, idOf, scoreOf, shortText } from '../query/finding-view.ts'
import { isLong } from '../store/format.ts'
import type { Store } from '../store/store-reader.ts'
import type { FindingBrief } from './answers.ts'

const NAME_CHARS_MAX = 120

/** A function from row to brief; what a plugin says is read once. */
export function makeBriefs(store: Store): (row: number) => FindingBrief {
  const known = new Map<number, { plugin_name: string; cvss_score?: number }>()
  const plugin = (record: number): { plugin_name: string; cvss_score?: number } => {
    let said = known.get(record)
    if (!said) {
      const score = scoreOf(store, record)?.score
      said = { plugin_name: pluginName(store, record), ...defined({ cvss_score: score }) }
      known.set(record, said)
    }
    return said
  }
  return (row) => {
    const { columns } = store
    return {
      id: idOf(store, row),
      host: store.hosts[columns.host[row] ?? 0]?.name ?? '',
      port: columns.port[row] ?? 0,
      protocol: shortText(store, columns.protocol[row] ?? 0),
      plugin_id: columns.plugin[row] ?? 0,
      severity: columns.severity[row] ?? 0,
      ...plugin(columns.detail[row] ?? 0),
    }
  }
}

/** Empty for the rare name that is longer than a short text. */
export function pluginName(store: Store, record: number): string {
  let name = ''
  eachPairOf(store, record, (field, textId) => {
    if (field.name === 'plugin_name' && !isLong(textId)) name = shortText(store, textId).slice(0, NAME_CHARS_MAX)
  })
  return name
}

/** The short values of one field in a plugin's record. */
export function shortValues(store: Store, record: number, name: string): string[] {
  const values: string[] = []
  eachPairOf(store, record, (field, textId) => {
    if (field.name === name && !isLong(textId)) values.push(shortText(store, textId).trim())
  })
  return values
}
