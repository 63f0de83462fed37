/**
 * The inventory of an open report, and its hosts, as tables of the same form
 * as the findings: whatever asks, groups and counts findings does it with them.
 */
import { BASE_FIELDS, JUDGED_FIELDS } from '../fields.ts'
import type { OpenReport } from '../query/results.ts'
import type { Columns } from '../store/format.ts'
import type { Store } from '../store/store-reader.ts'
import { INVENTORY, type InventoryKind } from './kinds.ts'

/** A text id of no text, which reads as the empty one. */
const NO_TEXT = 0xfffffffe

const OF_HOST = BASE_FIELDS.filter((name) => name === 'os' || name.startsWith('host'))
/** What may be asked of a table: the fields of its hosts, and of a kind its own and where it was told. */
export const HOST_TABLE_FIELDS: readonly string[] = [...OF_HOST, ...JUDGED_FIELDS]
export const tableFields = (kind: InventoryKind): readonly string[] => [
  ...Object.keys(INVENTORY[kind].fields),
  'plugin_id',
  'port',
  'protocol',
  ...HOST_TABLE_FIELDS,
]

/** The rows of one kind. */
export function inventoryTable(report: OpenReport, kind: InventoryKind): OpenReport {
  const { inventory } = report.store
  const { host, plugin, port, protocol, detail } = inventory.columns[kind]
  return tableOf(report, {
    columns: { host, plugin, port, protocol, detail },
    recordStarts: inventory.recordStarts,
    pairs: inventory.pairs,
    fields: inventory.fields,
  })
}

/** One row per host, with findings or without. */
export function hostTable(report: OpenReport): OpenReport {
  const host = Uint32Array.from(
    [...report.store.hosts.entries()].flatMap(([at, { same }]) => (same === at ? [at] : [])),
  )
  return tableOf(report, { columns: { host }, recordStarts: new Uint32Array(2), pairs: new Uint32Array(0), fields: [] })
}

type Parts = Pick<Store, 'recordStarts' | 'pairs' | 'fields'> & {
  readonly columns: Partial<Columns> & Pick<Columns, 'host'>
}

function tableOf(report: OpenReport, { columns, ...parts }: Parts): OpenReport {
  const count = columns.host.length
  const zeros = new Uint32Array(count)
  const empty = new Uint32Array(count).fill(NO_TEXT)
  const store: Store = {
    ...report.store,
    ...parts,
    count,
    columns: {
      port: zeros,
      protocol: empty,
      service: empty,
      severity: zeros,
      plugin: zeros,
      check: empty,
      detail: zeros,
      instance: zeros,
      serial: zeros,
      ...columns,
    },
  }
  return { ...report, store, cacheKey: `${report.cacheKey}/table` }
}
