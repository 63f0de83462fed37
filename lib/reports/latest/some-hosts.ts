/**
 * A store of some of a report's hosts: their rows, the records and short texts that these use, and what is known of the
 * report as a whole. Long texts stay in the blocks of the report's own store. Pure.
 */
import { INVENTORY_KINDS } from '../inventory/kinds.ts'
import { COLUMNS, type Columns, isLong, textIdOf, textNumber } from '../store/format.ts'
import type { Inventory, Store } from '../store/store-reader.ts'

/** `kept`: places of hosts, ascending; all of those that are one host, or none of them. */
export function someHosts(store: Omit<Store, 'bytes'>, kept: readonly number[]): Omit<Store, 'bytes'> {
  const place = new Map(kept.map((host, at) => [host, at]))
  const texts = makeShortTexts(store.shortTexts)
  const records = makeRecords(store, texts.of)
  const told = makeRecords(store.inventory, texts.of)
  const rows = rowsOf(store.columns.host, place)
  const write: Partial<Record<keyof Columns, (value: number) => number>> = {
    host: (host) => place.get(host) ?? 0,
    protocol: texts.of,
    service: texts.of,
    check: texts.of,
    detail: records.of,
    instance: records.of,
  }
  const columns = Object.fromEntries(
    COLUMNS.map((name) => [name, chosen(store.columns[name], rows, write[name])]),
  ) as unknown as Columns
  const ofKind = (columnsOf: Inventory['columns'][keyof Inventory['columns']]) => {
    const own = rowsOf(columnsOf.host, place)
    return {
      host: chosen(columnsOf.host, own, write.host),
      plugin: chosen(columnsOf.plugin, own),
      port: chosen(columnsOf.port, own),
      protocol: chosen(columnsOf.protocol, own, texts.of),
      detail: chosen(columnsOf.detail, own, told.of),
    }
  }
  const { inventory } = store
  const ofEachKind = <T>(make: (kind: (typeof INVENTORY_KINDS)[number]) => T) =>
    Object.fromEntries(INVENTORY_KINDS.map((kind) => [kind, make(kind)])) as Record<(typeof INVENTORY_KINDS)[number], T>
  const inventoryColumns = ofEachKind((kind) => ofKind(inventory.columns[kind]))
  return {
    ...store,
    count: rows.length,
    columns,
    ...records.tables(),
    hosts: kept.map((host) => ({ ...store.hosts[host]!, same: place.get(store.hosts[host]!.same) ?? 0 })),
    inventory: {
      ...inventory,
      columns: inventoryColumns,
      ...told.tables(),
      unread: ofEachKind((kind) => inventory.unread[kind].flatMap((host) => place.get(host) ?? [])),
    },
    // Last: the others say which are used.
    shortTexts: texts.all,
    facts: withoutLists(store.facts),
  }
}

/** No question reads who the hosts were and how each was logged in to from the facts: the hosts themselves say so. */
const withoutLists = (facts: unknown): unknown =>
  typeof facts === 'object' && facts !== null ? { ...facts, hosts_known: [], authentication_hosts: [] } : facts

function rowsOf(hosts: Uint32Array, place: ReadonlyMap<number, number>): Uint32Array {
  const rows = new Uint32Array(hosts.length)
  let count = 0
  for (const [row, host] of hosts.entries()) if (place.has(host)) rows[count++] = row
  return rows.subarray(0, count)
}

const chosen = (column: Uint32Array, rows: Uint32Array, write?: (value: number) => number): Uint32Array =>
  rows.map((row) => (write ? write(column[row] ?? 0) : (column[row] ?? 0)))

/** Numbers short texts anew, as they come up. */
function makeShortTexts(before: readonly string[]) {
  const ids = new Map<number, number>()
  const all: string[] = []
  return {
    all,
    of: (textId: number): number => {
      if (isLong(textId)) return textId
      let id = ids.get(textId)
      if (id === undefined) ids.set(textId, (id = textIdOf(all.push(before[textNumber(textId)] ?? '') - 1, false)))
      return id
    },
  }
}

/** Numbers records anew, as they come up; record 0 stays the empty one. */
function makeRecords({ recordStarts, pairs }: Pick<Store, 'recordStarts' | 'pairs'>, textOf: (id: number) => number) {
  const numbers = new Map([[0, 0]])
  const starts = [0, 0]
  const written: number[] = []
  return {
    of: (record: number): number => {
      const known = numbers.get(record)
      if (known !== undefined) return known
      const number = numbers.size
      numbers.set(record, number)
      const end = recordStarts[record + 1] ?? 0
      for (let pair = recordStarts[record] ?? 0; pair < end; pair++) {
        written.push(pairs[pair * 2] ?? 0, textOf(pairs[pair * 2 + 1] ?? 0))
      }
      starts.push(written.length / 2)
      return number
    },
    tables: () => ({ recordStarts: Uint32Array.from(starts), pairs: Uint32Array.from(written) }),
  }
}
