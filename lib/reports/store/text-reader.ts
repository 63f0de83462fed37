/**
 * Reads texts of an open store. Long texts come from compressed blocks, each
 * read once per request however many texts it holds, and kept in the cache.
 */
import { promisify } from 'node:util'
import { crc32, inflateRaw } from 'node:zlib'
import type { ByteCache } from './byte-cache.ts'
import type { Watch } from '../../base/pace.ts'
import { BLOCK_NUMBERS, isLong, StoreUnusable, textNumber } from './format.ts'
import { openExisting, readAt, type Store } from './store-reader.ts'

const decompress = promisify(inflateRaw)

/** Looks up a text that was loaded before. */
export type TextOf = (textId: number) => string

export interface TextReader {
  /** Loads the texts with these ids, all at once; short ones need no loading. */
  load(textIds: Iterable<number>, watch?: Watch): Promise<TextOf>
  /** Calls `visit` with each text, block by block, so that any number of them passes through little memory. */
  each(textIds: Iterable<number>, visit: (textId: number, text: string) => void, watch?: Watch): Promise<void>
}

export function makeTextReader(store: Store, path: string, cacheKey: string, cache: ByteCache<Buffer>): TextReader {
  const short = (textId: number): string => store.shortTexts[textNumber(textId)] ?? ''
  const each: TextReader['each'] = async (textIds, visit, watch) => {
    const long: number[] = []
    for (const id of textIds) {
      if (isLong(id)) long.push(id)
      else visit(id, short(id))
    }
    if (long.length === 0) return
    const blocks = makeBlocks(store, path, cacheKey, cache)
    try {
      let block = -1
      let raw: Buffer = Buffer.alloc(0)
      for (const id of [...new Set(long)].sort((a, b) => a - b)) {
        const number = textNumber(id)
        const start = store.longStarts[number] ?? 0
        const end = store.longStarts[number + 1] ?? start
        if (watch?.over()) await watch.rest()
        if (!blocks.holds(block, start)) {
          block = blocks.find(start)
          raw = await blocks.read(block)
        }
        const from = start - blocks.rawStart(block)
        visit(id, raw.toString('utf8', from, from + end - start))
      }
    } finally {
      await blocks.close()
    }
  }
  return {
    each,
    async load(textIds, watch) {
      const texts = new Map<number, string>()
      await each(textIds, (id, text) => texts.set(id, text), watch)
      return (id) => texts.get(id) ?? short(id)
    },
  }
}

function makeBlocks(store: Store, path: string, cacheKey: string, cache: ByteCache<Buffer>) {
  let file: ReturnType<typeof openExisting> | undefined
  const of = (block: number, column: number): number => store.blocks[block * BLOCK_NUMBERS + column] ?? 0
  const rawStart = (block: number): number => of(block, 0)
  return {
    rawStart,
    holds: (block: number, at: number): boolean =>
      block >= 0 && at >= rawStart(block) && at < rawStart(block) + of(block, 1),
    find(at: number): number {
      let low = 0
      let high = store.blocks.length / BLOCK_NUMBERS - 1
      while (low < high) {
        const middle = (low + high + 1) >> 1
        if (rawStart(middle) <= at) low = middle
        else high = middle - 1
      }
      return low
    },
    async read(block: number): Promise<Buffer> {
      const key = `${cacheKey}#${block}`
      const cached = cache.get(key)
      if (cached) return cached
      file ??= openExisting(path)
      const packed = await readAt(await file, of(block, 2), of(block, 3))
      if (crc32(packed) !== of(block, 4)) throw new StoreUnusable(`text block ${block} is damaged`)
      const raw = await decompress(packed, { maxOutputLength: Math.max(of(block, 1), 1) })
      if (raw.length !== of(block, 1)) throw new StoreUnusable(`text block ${block} has a wrong length`)
      cache.set(key, raw, raw.length)
      return raw
    },
    async close(): Promise<void> {
      if (file) await (await file).close()
    },
  }
}
