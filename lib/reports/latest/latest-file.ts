/**
 * The index of the latest looks, one file beside the stores: of each report that
 * still says something, the hosts that no later one says again, as a store of
 * their own, and who they are in the whole.
 *
 *   parts (a store, then the identities of its hosts) · who all hosts are · directory (JSON) · trailer
 *
 *   LF1. It is derived: missing, damaged, of another format, or made of other reports than are asked, it is made anew.
 *   LF2. It names the state of each file that it was made of, looked up before the file was read.
 */
import { randomUUID } from 'node:crypto'
import { promisify } from 'node:util'
import { crc32, deflateRaw, inflateRaw } from 'node:zlib'
import * as v from 'valibot'
import type { LooksSoFar } from '../question/look-fold.ts'
import { openIfThere } from '../files/open-if-there.ts'
import { createWholeFile, type WholeFile } from '../files/whole-file.ts'
import { ENDIAN, FORMAT, StoreUnusable } from '../store/format.ts'
import { bytesIn, bytesOf, readAt, readEnd, readStore, type Store } from '../store/store-reader.ts'
import { type WrittenStore, withTrailer, writeStore } from '../store/store-writer.ts'

const [pack, unpack] = [promisify(deflateRaw), promisify(inflateRaw)]
const MAGIC = Buffer.from('NMLATEST', 'latin1')
/** Raise it when the layout changes, or what a part holds. */
const LATEST_FORMAT = 3
const JSON_BYTES_MAX = 512 * 1024 * 1024

const Place = v.object({ offset: v.number(), bytes: v.number(), crc: v.number() })
type Place = v.InferOutput<typeof Place>
const IndexedReport = v.object({ task_id: v.string(), stamp: v.string(), at: v.nullable(v.string()) })
/** A report that the index was made of: which, in which state, and its own date. */
export type IndexedReport = v.InferOutput<typeof IndexedReport>
const Part = v.object({ source: v.number(), store: Place, hosts: Place })
type Part = v.InferOutput<typeof Part>

const Directory = v.object({
  format: v.literal(LATEST_FORMAT),
  store: v.literal(FORMAT),
  endian: v.literal(ENDIAN),
  id: v.string(),
  /** All reports, the oldest first. */
  sources: v.array(IndexedReport),
  parts: v.array(Part),
  soFar: Place,
})

const PartHosts = v.object({
  /** Their places in the report. */
  kept: v.array(v.number()),
  keys: v.array(v.number()),
  names: v.array(v.string()),
  /** 1 where this is the look that counts, 0 where it is only the last try. */
  counts: v.array(v.number()),
})
export type PartHosts = v.InferOutput<typeof PartHosts>

export interface LatestFile {
  readonly id: string
  readonly sources: readonly IndexedReport[]
  readonly parts: readonly Part[]
  hosts(part: Part): Promise<PartHosts>
  store(part: Part): Promise<Store>
  /** The bytes of a part's store, to be copied. */
  raw(part: Part): Promise<Buffer>
  /** What is known of all hosts after the last of the sources. */
  soFar(): Promise<LooksSoFar>
  close(): Promise<void>
}

/** `undefined` when there is none; throws {@link StoreUnusable} when it is of no use. */
export async function openLatest(path: string): Promise<LatestFile | undefined> {
  const handle = await openIfThere(path)
  if (handle === undefined) return undefined
  try {
    const directory = await unpack(await readEnd(await bytesOf(handle), MAGIC), { maxOutputLength: JSON_BYTES_MAX })
    const { id, sources, parts, soFar } = v.parse(Directory, JSON.parse(directory.toString()))
    const at = async ({ offset, bytes, crc }: Place): Promise<Buffer> => {
      const content = await readAt(handle, offset, bytes)
      if (crc32(content) !== crc) throw new StoreUnusable('a part of the index is damaged')
      return content
    }
    const raw = (part: Part): Promise<Buffer> => at(part.store)
    // Written by this program and checked by CRC.
    const json = async <T>(place: Place): Promise<T> => {
      const text = await unpack(await at(place), { maxOutputLength: JSON_BYTES_MAX })
      return JSON.parse(text.toString()) as T
    }
    return {
      id,
      sources,
      parts,
      raw,
      // Its sections have checksums of their own.
      store: async ({ store }) => readStore(bytesIn(await readAt(handle, store.offset, store.bytes))),
      hosts: (part) => json<PartHosts>(part.hosts),
      soFar: () => json<LooksSoFar>(soFar),
      close: () => handle.close(),
    }
  } catch (error) {
    await handle.close()
    if (error instanceof StoreUnusable) throw error
    throw new StoreUnusable(`the index of the latest looks cannot be read: ${String(error)}`, { cause: error })
  }
}

export interface LatestDraft {
  add(source: number, store: WrittenStore | Buffer, hosts: PartHosts): Promise<void>
  /** `soFar`: what is known of all hosts after the last of the sources. */
  commit(soFar: LooksSoFar): Promise<void>
  discard(): Promise<void>
}

/** Writes an index at `path`, whole or not at all. */
export async function draftLatest(path: string, sources: readonly IndexedReport[]): Promise<LatestDraft> {
  const file = await createWholeFile(path)
  const parts: Part[] = []
  let end = 0
  let crc = 0
  const append: WholeFile['append'] = async (bytes) => {
    const start = await file.append(bytes)
    // Of nothing, zlib begins anew.
    if (bytes.length > 0) crc = crc32(bytes, crc)
    end = start + bytes.length
    return start
  }
  const placed = async (write: () => Promise<unknown>): Promise<Place> => {
    const offset = end
    crc = 0
    await write()
    return { offset, bytes: end - offset, crc }
  }
  return {
    async add(source, store, hosts) {
      const copied = store instanceof Uint8Array
      const written = await placed(() => (copied ? append(store) : writeStore({ append }, end, store)))
      const own = await placed(async () => append(await pack(JSON.stringify(hosts))))
      parts.push({ source, store: written, hosts: own })
    },
    async commit(soFar) {
      const place = await placed(async () => append(await pack(JSON.stringify(soFar))))
      const directory: v.InferInput<typeof Directory> = {
        format: LATEST_FORMAT,
        store: FORMAT,
        endian: ENDIAN,
        id: randomUUID(),
        sources: [...sources],
        parts,
        soFar: place,
      }
      const json = await pack(JSON.stringify(directory))
      await append(withTrailer(json, MAGIC))
      await file.commit()
    },
    discard: () => file.discard(),
  }
}
