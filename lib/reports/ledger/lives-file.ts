/**
 * The lives of all findings as one file beside the records they were made of: derived, and made anew where it was made of
 * others, is damaged, or of another format. Each process writes a whole file of its own and renames it.
 *
 *   columns (u32, as they lie in memory) · tables and what it was made of (JSON, deflate) · trailer
 */
import { promisify } from 'node:util'
import { crc32, deflateRaw, inflateRaw } from 'node:zlib'
import * as v from 'valibot'
import { openIfThere } from '../files/open-if-there.ts'
import { createWholeFile } from '../files/whole-file.ts'
import { ENDIAN, StoreUnusable } from '../store/format.ts'
import { bytesOf, readAt, readEnd } from '../store/store-reader.ts'
import { withTrailer } from '../store/store-writer.ts'
import { LIFE_COLUMNS, type LifeColumn, type LivesState, type LivesTables } from './lives-state.ts'

const [pack, unpack] = [promisify(deflateRaw), promisify(inflateRaw)]
const MAGIC = Buffer.from('NMLIVES1', 'latin1')
/** Raise it when the columns, the tables or the rule of what proves a fix change. */
const LIVES_FORMAT = 1
const JSON_BYTES_MAX = 512 * 1024 * 1024

const Directory = v.object({
  format: v.literal(LIVES_FORMAT),
  endian: v.literal(ENDIAN),
  layout: v.literal(LIFE_COLUMNS.join()),
  /** The records that it was made of, by their files, in order. */
  sources: v.array(v.string()),
  lives: v.number(),
  crcs: v.array(v.number()),
  // Written by this program and checked by CRC.
  tables: v.custom<LivesTables>((value) => typeof value === 'object' && value !== null),
})

export interface KeptLives {
  readonly sources: readonly string[]
  readonly state: LivesState
}

/** `undefined` when there is none; throws {@link StoreUnusable} when it is of no use. */
export async function readLives(path: string): Promise<KeptLives | undefined> {
  const handle = await openIfThere(path)
  if (handle === undefined) return undefined
  try {
    const json = await unpack(await readEnd(await bytesOf(handle), MAGIC), { maxOutputLength: JSON_BYTES_MAX })
    const { sources, lives, crcs, tables } = v.parse(Directory, JSON.parse(json.toString()))
    const columns: Partial<Record<LifeColumn, Uint32Array>> = {}
    for (const [at, name] of LIFE_COLUMNS.entries()) {
      const bytes = await readAt(handle, at * lives * 4, lives * 4)
      if (crc32(bytes) !== crcs[at]) throw new StoreUnusable(`column ${name} is damaged`)
      columns[name] = new Uint32Array(bytes.buffer, bytes.byteOffset, lives)
    }
    return { sources, state: { tables, columns: columns as Record<LifeColumn, Uint32Array> } }
  } catch (error) {
    if (error instanceof StoreUnusable) throw error
    throw new StoreUnusable(`the lives of the findings cannot be read: ${String(error)}`, { cause: error })
  } finally {
    await handle.close()
  }
}

export async function writeLives(path: string, { sources, state }: KeptLives): Promise<void> {
  const file = await createWholeFile(path)
  try {
    const crcs: number[] = []
    for (const name of LIFE_COLUMNS) {
      const column = state.columns[name]
      const bytes = Buffer.from(column.buffer, column.byteOffset, column.byteLength)
      crcs.push(bytes.length === 0 ? 0 : crc32(bytes))
      await file.append(bytes)
    }
    const directory: v.InferInput<typeof Directory> = {
      format: LIVES_FORMAT,
      endian: ENDIAN,
      layout: LIFE_COLUMNS.join(),
      sources: [...sources],
      lives: state.columns.identity.length,
      crcs,
      tables: state.tables,
    }
    await file.append(withTrailer(await pack(JSON.stringify(directory)), MAGIC))
    await file.commit()
  } finally {
    await file.discard()
  }
}
