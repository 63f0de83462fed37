/** Writes sections, footer and trailer behind the text blocks, and commits the file. */
import { promisify } from 'node:util'
import { crc32, deflateRaw } from 'node:zlib'
import { fieldTyped } from '../fields.ts'
import { INVENTORY_COLUMNS } from '../inventory/collect.ts'
import { INVENTORY_KINDS } from '../inventory/kinds.ts'
import { COLUMNS, type Columns, ENDIAN, type Footer, FORMAT, type HostRecord, MAGIC, TRAILER_BYTES } from './format.ts'
import type { Built } from './store-builder.ts'
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

export async function writeSections(file: WholeFile, contents: StoreContents): Promise<void> {
  const { built, columns, texts, facts, source } = contents
  const sections: Footer['sections'] = []
  const add = async (name: string, bytes: Uint8Array): Promise<void> => {
    const offset = await file.append(bytes)
    sections.push({ name, offset, bytes: bytes.byteLength, crc: crc32(bytes) })
  }
  // Numbers lie as they do in memory, so that opening a store is reading it.
  const addNumbers = (name: string, numbers: Uint32Array | Float64Array): Promise<void> =>
    add(name, new Uint8Array(numbers.buffer, numbers.byteOffset, numbers.byteLength))
  const addJson = async (name: string, value: unknown): Promise<void> =>
    add(name, await compress(JSON.stringify(value)))

  for (const name of COLUMNS) await addNumbers(`column.${name}`, columns[name])
  const { fields, starts, pairs } = built.records
  await addNumbers('record.starts', starts)
  await addNumbers('record.pairs', pairs)
  const { inventory } = built
  for (const kind of INVENTORY_KINDS) {
    for (const name of INVENTORY_COLUMNS)
      await addNumbers(`inventory.${kind}.${name}`, inventory.columns[kind][name].view())
  }
  await addNumbers('inventory.starts', inventory.records.starts)
  await addNumbers('inventory.pairs', inventory.records.pairs)
  await addJson('inventory', { fields: inventory.records.fields, unread: inventory.unread })
  await addNumbers('text.starts', texts.longStarts)
  await addNumbers('text.blocks', texts.blocks)
  await addJson('text.short', texts.shortTexts)
  await addJson('fields', typedFields(fields, starts, pairs))
  await addJson('hosts', contents.hosts)
  await addJson('facts', facts)

  const footer: Footer = { format: FORMAT, endian: ENDIAN, source, findings: columns.host.length, sections }
  const json = Buffer.from(JSON.stringify(footer))
  await file.append(json)
  const trailer = Buffer.alloc(TRAILER_BYTES)
  trailer.writeUInt32LE(json.length, 0)
  trailer.writeUInt32LE(crc32(json), 4)
  MAGIC.copy(trailer, 8)
  await file.append(trailer)
  await file.commit()
}

/** A field that repeats within any record is a list in the whole report. */
function typedFields(names: readonly string[], starts: Uint32Array, pairs: Uint32Array): unknown[] {
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
