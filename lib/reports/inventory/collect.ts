/** Collects the inventory of a report while it is parsed: rows of numbers per kind, as findings are. */
import type { ReportItem } from '../parse/report-visitor.ts'
import { GrowingColumn } from '../store/growing-column.ts'
import { makeRecordWriter, type RecordWriter } from '../store/record-writer.ts'
import type { TextWriter } from '../store/text-writer.ts'
import { INVENTORY_KINDS, type InventoryKind, type InventoryRow } from './kinds.ts'
import { joinPatches, makePatchSummary } from './parsers/patches.ts'
import { INVENTORY_PLUGINS, PATCH_REPORT } from './plugins.ts'

const ROWS_MAX = 2_000_000

/** The columns of a row, each a Uint32Array. */
export const INVENTORY_COLUMNS = ['host', 'plugin', 'port', 'protocol', 'detail'] as const
export type InventoryColumn = (typeof INVENTORY_COLUMNS)[number]

export interface BuiltInventory {
  readonly columns: Readonly<Record<InventoryKind, Readonly<Record<InventoryColumn, GrowingColumn>>>>
  readonly records: ReturnType<RecordWriter['tables']>
  /** Hosts of which an output was not understood, or not all of it, per kind. */
  readonly unread: Readonly<Record<InventoryKind, readonly number[]>>
}

export interface InventoryCollector {
  property(name: string, value: string): void
  item(item: ReportItem, host: number, protocol: number, scanned: string | undefined): void
  hostEnds(host: number): void
  done(): BuiltInventory
}

const ofEachKind = <T>(make: (kind: InventoryKind) => T) =>
  Object.fromEntries(INVENTORY_KINDS.map((kind) => [kind, make(kind)])) as Record<InventoryKind, T>

export function makeInventoryCollector(texts: Pick<TextWriter, 'intern'>): InventoryCollector {
  const records = makeRecordWriter(texts)
  const columns = ofEachKind(
    () =>
      Object.fromEntries(INVENTORY_COLUMNS.map((name) => [name, new GrowingColumn()])) as Record<
        InventoryColumn,
        GrowingColumn
      >,
  )
  const unread = ofEachKind(() => new Set<number>())
  let summary = makePatchSummary()
  let patches: InventoryRow[] = []
  let count = 0

  const add = (row: InventoryRow, at: Readonly<Record<Exclude<InventoryColumn, 'detail'>, number>>): void => {
    if (count >= ROWS_MAX) return void unread[row.kind].add(at.host)
    count += 1
    const into = columns[row.kind]
    for (const name of ['host', 'plugin', 'port', 'protocol'] as const) into[name].push(at[name])
    into.detail.push(
      records.record(
        row.fields.map(([name]) => name),
        row.fields.map(([, text]) => text),
      ),
    )
  }
  return {
    property: (name, value) => summary.property(name, value),
    item(item, host, protocol, scanned) {
      const plugin = INVENTORY_PLUGINS.get(item.pluginId)
      if (!plugin) return
      const output = item.texts[item.names.indexOf('plugin_output')] ?? ''
      const told = plugin.parse(output, item.pluginName, scanned)
      if (told.odd) unread[plugin.kind].add(host)
      if (item.pluginId === PATCH_REPORT) for (const row of told.rows) patches.push(row)
      else for (const row of told.rows) add(row, { host, plugin: item.pluginId, port: item.port, protocol })
    },
    hostEnds(host) {
      const protocol = texts.intern('tcp')
      for (const row of joinPatches(patches, summary)) add(row, { host, plugin: PATCH_REPORT, port: 0, protocol })
      patches = []
      summary = makePatchSummary()
    },
    done: () => ({
      columns,
      records: records.tables(),
      unread: ofEachKind((kind) => [...unread[kind]]),
    }),
  }
}
