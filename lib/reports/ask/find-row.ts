/** Finds a finding by its id, which names its plugin and number: few rows have to be looked at closely. */
import type { Store } from '../store/store-reader.ts'
import { idOf } from '../query/finding-view.ts'

export function findRow(store: Store, findingId: string): number | undefined {
  const [, plugin = '', serial = ''] = /\/(\d{1,10})(?:\/c[0-9a-f]+)?\/(\d{1,10})$/.exec(findingId) ?? []
  if (plugin === '') return undefined
  const { columns } = store
  for (let row = 0; row < store.count; row++) {
    if (columns.plugin[row] !== Number(plugin) || columns.serial[row] !== Number(serial)) continue
    if (idOf(store, row) === findingId) return row
  }
  return undefined
}
