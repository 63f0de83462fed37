/**
 * Packs long texts into blocks. Blocks are compressed in the background, side by
 * side, and written in order; no text spans two blocks.
 */
import { promisify } from 'node:util'
import { crc32, deflateRaw } from 'node:zlib'
import { BLOCK_BYTES } from './format.ts'
import type { WholeFile } from '../files/whole-file.ts'

const compress = promisify(deflateRaw)
const BLOCKS_WAITING_MAX = 16

export interface BlockWriter {
  add(text: string): void
  /** Resolves once no more than a few blocks wait to be written; rejects when writing failed. */
  drained(): Promise<void>
  /** Where each text starts in the uncompressed stream (and where the last one ends), and the block table. */
  finish(): Promise<{ readonly longStarts: Float64Array; readonly blocks: Float64Array }>
}

export function makeBlockWriter(file: WholeFile): BlockWriter {
  const block = Buffer.allocUnsafe(BLOCK_BYTES)
  const longStarts: number[] = [0]
  const blocks: number[] = []
  let used = 0
  let rawEnd = 0
  let waiting = 0
  let writing: Promise<void> = Promise.resolve()
  let failure: unknown

  const flush = (raw: Buffer): void => {
    const start = rawEnd
    rawEnd += raw.length
    waiting++
    const packed = compress(raw, { level: 6 })
    // A failure is kept for `drained` and `finish`, one of which is always awaited next.
    packed.catch(() => {})
    writing = writing
      .then(async () => {
        const bytes = await packed
        const offset = await file.append(bytes)
        blocks.push(start, raw.length, offset, bytes.length, crc32(bytes))
      })
      .catch((error: unknown) => {
        failure ??= error
      })
      .finally(() => {
        waiting--
      })
  }
  const flushBlock = (): void => {
    if (used > 0) flush(Buffer.from(block.subarray(0, used)))
    used = 0
  }
  const throwFailure = (): void => {
    if (failure !== undefined) throw failure
  }
  return {
    add(text) {
      const bytes = Buffer.byteLength(text)
      if (used + bytes > BLOCK_BYTES) flushBlock()
      if (bytes > BLOCK_BYTES) flush(Buffer.from(text))
      else used += block.write(text, used)
      longStarts.push((longStarts.at(-1) ?? 0) + bytes)
    },
    async drained() {
      while (waiting > BLOCKS_WAITING_MAX && failure === undefined) await writing
      throwFailure()
    },
    async finish() {
      flushBlock()
      await writing
      throwFailure()
      return { longStarts: Float64Array.from(longStarts), blocks: Float64Array.from(blocks) }
    },
  }
}
