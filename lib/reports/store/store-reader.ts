/**
 * Opens a findings store. The columns, records and short texts are read whole
 * (about 1.5 % of the report); long texts are read by block, through a cache.
 * Anything that is not as it was written throws {@link StoreUnusable}.
 */
import { type FileHandle, open } from 'node:fs/promises'
import { promisify } from 'node:util'
import { crc32, inflateRaw } from 'node:zlib'
import * as v from 'valibot'
import type { Field } from '../fields.ts'
import { INVENTORY_COLUMNS, type InventoryColumn } from '../inventory/collect.ts'
import { INVENTORY_FIELDS, INVENTORY_KINDS, type InventoryKind } from '../inventory/kinds.ts'
import {
  COLUMNS,
  type Columns,
  ENDIAN,
  Footer,
  FOOTER_BYTES_MAX,
  FORMAT,
  type HostRecord,
  MAGIC,
  StoreUnusable,
  TRAILER_BYTES,
} from './format.ts'

const decompress = promisify(inflateRaw)
const JSON_BYTES_MAX = 1024 * 1024 * 1024

export interface Store {
  readonly source: Footer['source']
  readonly count: number
  readonly columns: Columns
  /** Record r is the pairs from `recordStarts[r]` to `recordStarts[r + 1]`; pair p is `pairs[2p]` (field), `pairs[2p + 1]` (text id). */
  readonly recordStarts: Uint32Array
  readonly pairs: Uint32Array
  readonly fields: readonly Field[]
  readonly hosts: readonly HostRecord[]
  readonly shortTexts: readonly string[]
  readonly longStarts: Float64Array
  readonly blocks: Float64Array
  readonly facts: unknown
  readonly inventory: Inventory
  /** What holding it in memory costs, roughly. */
  readonly bytes: number
}

/** What plugins tell besides findings, per kind: rows that point at records of their own. */
export interface Inventory {
  readonly columns: Readonly<Record<InventoryKind, Readonly<Record<InventoryColumn, Uint32Array>>>>
  readonly recordStarts: Uint32Array
  readonly pairs: Uint32Array
  readonly fields: readonly Field[]
  /** Hosts of which an output was not understood, or not all of it. */
  readonly unread: Readonly<Record<InventoryKind, readonly number[]>>
}

export const openStore = (path: string): Promise<Store> => inFile(path, readStore)

/** What tells hosts apart and when they were looked at, without the findings: a fraction of the work. */
export type StoreHead = Pick<Store, 'source' | 'hosts' | 'facts'>
export const openHead = (path: string): Promise<StoreHead> =>
  inFile(path, async (bytes) => {
    const { footer, json } = await openSections(bytes)
    return { source: footer.source, hosts: (await json('hosts')) as HostRecord[], facts: await json('facts') }
  })

/** Where a store's bytes come from: a file, or what was read of one. */
export interface StoredBytes {
  readonly size: number
  /** Exactly so many bytes, in memory of their own so that typed arrays are aligned. */
  readonly read: (offset: number, length: number) => Promise<Buffer>
}

export const bytesIn = (whole: Buffer): StoredBytes => ({
  size: whole.length,
  read: async (offset, length) => {
    if (offset + length > whole.length) throw new StoreUnusable('it ends too early')
    const bytes = Buffer.from(new ArrayBuffer(length))
    whole.copy(bytes, 0, offset, offset + length)
    return bytes
  },
})

export const bytesOf = async (handle: FileHandle): Promise<StoredBytes> => ({
  size: (await handle.stat()).size,
  read: (offset, length) => readAt(handle, offset, length),
})

async function inFile<T>(path: string, read: (bytes: StoredBytes) => Promise<T>): Promise<T> {
  const handle = await openExisting(path)
  try {
    return await read(await bytesOf(handle))
  } catch (error) {
    if (error instanceof StoreUnusable) throw error
    throw new StoreUnusable(`${path} cannot be read: ${String(error)}`, { cause: error })
  } finally {
    await handle.close()
  }
}

/** The file behind `path`, opened for reading; {@link StoreUnusable} when there is none. */
export async function openExisting(path: string): Promise<FileHandle> {
  try {
    return await open(path, 'r')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') throw new StoreUnusable('there is no findings store')
    throw error
  }
}

/** The sections of a store, each checked when it is read. */
async function openSections(stored: StoredBytes) {
  const footer = await readFooter(stored)
  const sections = new Map(footer.sections.map((section) => [section.name, section]))
  let bytes = 0
  const read = async (name: string): Promise<Buffer> => {
    const section = sections.get(name)
    if (!section) throw new StoreUnusable(`section ${name} is missing`)
    const content = await stored.read(section.offset, section.bytes)
    if (crc32(content) !== section.crc) throw new StoreUnusable(`section ${name} is damaged`)
    bytes += content.length
    return content
  }
  return {
    footer,
    /** What was read so far costs in memory, roughly. */
    bytes: () => bytes,
    numbers: async (name: string): Promise<Uint32Array> => {
      const content = await read(name)
      return new Uint32Array(content.buffer, content.byteOffset, content.length / 4)
    },
    doubles: async (name: string): Promise<Float64Array> => {
      const content = await read(name)
      return new Float64Array(content.buffer, content.byteOffset, content.length / 8)
    },
    json: async (name: string): Promise<unknown> => {
      const text = await decompress(await read(name), { maxOutputLength: JSON_BYTES_MAX })
      bytes += text.length * 3
      return JSON.parse(text.toString())
    },
  }
}

export async function readStore(stored: StoredBytes): Promise<Store> {
  const { footer, numbers, doubles, json, bytes } = await openSections(stored)
  const columns: Record<string, Uint32Array> = {}
  for (const name of COLUMNS) {
    const column = await numbers(`column.${name}`)
    if (column.length !== footer.findings) throw new StoreUnusable(`column ${name} has a wrong length`)
    columns[name] = column
  }
  // Written by this program and checked by CRC: the shapes are ours, so they are not checked again.
  return {
    source: footer.source,
    count: footer.findings,
    columns: columns as Columns,
    recordStarts: await numbers('record.starts'),
    pairs: await numbers('record.pairs'),
    longStarts: await doubles('text.starts'),
    blocks: await doubles('text.blocks'),
    shortTexts: (await json('text.short')) as string[],
    fields: (await json('fields')) as Field[],
    hosts: (await json('hosts')) as HostRecord[],
    facts: await json('facts'),
    inventory: await readInventory(numbers, json),
    bytes: bytes(),
  }
}

async function readInventory(
  numbers: (name: string) => Promise<Uint32Array>,
  json: (name: string) => Promise<unknown>,
): Promise<Inventory> {
  const columns: Record<string, Record<string, Uint32Array>> = {}
  for (const kind of INVENTORY_KINDS) {
    const own: Record<string, Uint32Array> = (columns[kind] = {})
    for (const name of INVENTORY_COLUMNS) own[name] = await numbers(`inventory.${kind}.${name}`)
  }
  const { fields, unread } = (await json('inventory')) as { fields: string[]; unread: Inventory['unread'] }
  return {
    columns: columns as Inventory['columns'],
    recordStarts: await numbers('inventory.starts'),
    pairs: await numbers('inventory.pairs'),
    fields: fields.map((name) => INVENTORY_FIELDS.get(name) ?? { name, type: 'text', list: false }),
    unread,
  }
}

async function readFooter(stored: StoredBytes): Promise<Footer> {
  const json = await readEnd(stored, MAGIC)
  const parsed = v.safeParse(Footer, JSON.parse(json.toString()))
  if (!parsed.success) throw new StoreUnusable('its footer has an unknown form')
  const footer = parsed.output
  if (footer.format !== FORMAT) throw new StoreUnusable(`its format is ${footer.format}, not ${FORMAT}`)
  if (footer.endian !== ENDIAN) throw new StoreUnusable('it was written on a machine of the other byte order')
  return footer
}

/** What lies before the trailer of something that ends in `magic`. */
export async function readEnd({ size, read }: StoredBytes, magic: Buffer): Promise<Buffer> {
  if (size < TRAILER_BYTES) throw new StoreUnusable('it is too short')
  const trailer = await read(size - TRAILER_BYTES, TRAILER_BYTES)
  if (!trailer.subarray(8).equals(magic)) throw new StoreUnusable('it does not end as it should')
  const length = trailer.readUInt32LE(0)
  if (length > FOOTER_BYTES_MAX || length + TRAILER_BYTES > size) throw new StoreUnusable('its footer is damaged')
  const json = await read(size - TRAILER_BYTES - length, length)
  if (crc32(json) !== trailer.readUInt32LE(4)) throw new StoreUnusable('its footer is damaged')
  return json
}

/** Exactly `length` bytes from `offset`, in memory of their own so that typed arrays are aligned. */
export async function readAt(handle: FileHandle, offset: number, length: number): Promise<Buffer> {
  const bytes = Buffer.from(new ArrayBuffer(length))
  let done = 0
  while (done < length) {
    const { bytesRead } = await handle.read(bytes, done, length - done, offset + done)
    if (bytesRead === 0) throw new StoreUnusable('it ends too early')
    done += bytesRead
  }
  return bytes
}
