/** Writes the sections, footer and trailer of a findings store. */
import { promisify } from 'node:util'
import { crc32, deflateRaw } from 'node:zlib'
import { fieldTyped, type Field } from '../fields.ts'
import { INVENTORY_COLUMNS, type InventoryColumn } from '../inventory/collect.ts'
import { INVENTORY_KINDS, type InventoryKind } from '../inventory/kinds.ts'
import { COLUMNS, type Columns, ENDIAN, type Footer, FORMAT, type HostRecord, MAGIC, TRAILER_BYTES } from './format.ts'
import type { Built } from './store-builder.ts'
import type { Store } from './store-reader.ts'
import type { WholeFile } from '../files/whole-file.ts'
import type { TextTables } from './text-writer.ts'

const compress = promisify(deflateRaw)

export interface StoreContents {
  readonly built: Built
  readonly hosts: readonly HostRecord[]
  readonly columns: Columns
  readonly texts: TextTables
  readonly facts: unknown
  readonly source: { readonly size: number; readonly sha256: string }
}

/** Writes what was built of a report behind its text blocks, and commits the file. */
export async function writeSections(file: WholeFile, contents: StoreContents): Promise<void> {
  const { built, texts, columns, ...rest } = contents
  const { fields, starts, pairs } = built.records
  const { columns: rows, records, unread } = built.inventory
  const inventory = {
    columns: Object.fromEntries(
      INVENTORY_KINDS.map((kind) => [
        kind,
        Object.fromEntries(INVENTORY_COLUMNS.map((name) => [name, rows[kind][name].view()])),
      ]),
    ) as Record<InventoryKind, Record<InventoryColumn, Uint32Array>>,
    recordStarts: records.starts,
    pairs: records.pairs,
    fields: records.fields.map((name) => ({ name })),
    unread,
  }
  await writeStore(file, 0, {
    ...rest,
    ...texts,
    count: columns.host.length,
    columns,
    recordStarts: starts,
    pairs,
    fields: typedFields(fields, starts, pairs),
    inventory,
  })
  await file.commit()
}

/** What is written of a store: of the inventory's fields, only their names. */
export type WrittenStore = Omit<Store, 'bytes' | 'inventory'> & {
  readonly inventory: Omit<Store['inventory'], 'fields'> & { readonly fields: readonly Pick<Field, 'name'>[] }
}

/** Sections, footer and trailer, of a store that begins at `from` in the file. Returns where it ends. */
export async function writeStore(
  file: Pick<WholeFile, 'append'>,
  from: number,
  { columns, inventory, ...store }: WrittenStore,
): Promise<number> {
  const sections: Footer['sections'] = []
  const add = async (name: string, bytes: Uint8Array): Promise<void> => {
    const offset = (await file.append(bytes)) - from
    sections.push({ name, offset, bytes: bytes.byteLength, crc: crc32(bytes) })
  }
  // Numbers lie as they do in memory, so that opening a store is reading it.
  const addNumbers = (name: string, numbers: Uint32Array | Float64Array): Promise<void> =>
    add(name, new Uint8Array(numbers.buffer, numbers.byteOffset, numbers.byteLength))
  const addJson = async (name: string, value: unknown): Promise<void> =>
    add(name, await compress(JSON.stringify(value)))

  for (const name of COLUMNS) await addNumbers(`column.${name}`, columns[name])
  await addNumbers('record.starts', store.recordStarts)
  await addNumbers('record.pairs', store.pairs)
  for (const kind of INVENTORY_KINDS) {
    for (const name of INVENTORY_COLUMNS) await addNumbers(`inventory.${kind}.${name}`, inventory.columns[kind][name])
  }
  await addNumbers('inventory.starts', inventory.recordStarts)
  await addNumbers('inventory.pairs', inventory.pairs)
  await addJson('inventory', { fields: inventory.fields.map(({ name }) => name), unread: inventory.unread })
  await addNumbers('text.starts', store.longStarts)
  await addNumbers('text.blocks', store.blocks)
  await addJson('text.short', store.shortTexts)
  await addJson('fields', store.fields)
  await addJson('hosts', store.hosts)
  await addJson('facts', store.facts)

  const footer: Footer = { format: FORMAT, endian: ENDIAN, source: store.source, findings: store.count, sections }
  const end = withTrailer(Buffer.from(JSON.stringify(footer)), MAGIC)
  return (await file.append(end)) + end.length
}

/** A field that repeats within any record is a list in the whole report. */
function typedFields(names: readonly string[], starts: Uint32Array, pairs: Uint32Array): Field[] {
  const repeats = new Set<number>()
  const lastRecord = new Int32Array(names.length).fill(-1)
  for (let record = 0; record + 1 < starts.length; record++) {
    for (let at = starts[record] ?? 0; at < (starts[record + 1] ?? 0); at++) {
      const field = pairs[at * 2] ?? 0
      if (lastRecord[field] === record) repeats.add(field)
      lastRecord[field] = record
    }
  }
  return names.map((name, index) => fieldTyped(name, repeats.has(index)))
}

/** `json`, its length and checksum, and what the file is: what is looked at first when it is opened. */
export function withTrailer(json: Uint8Array, magic: Uint8Array): Buffer {
  const trailer = Buffer.alloc(TRAILER_BYTES)
  trailer.writeUInt32LE(json.length, 0)
  trailer.writeUInt32LE(crc32(json), 4)
  trailer.set(magic, 8)
  return Buffer.concat([json, trailer])
}
