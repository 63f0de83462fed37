/**
 * Keeps each distinct text once. Short texts stay in memory and become one
 * section; long texts go to blocks. A long text is recognised by its hash, so
 * memory grows by some bytes per distinct text, not by the text.
 */
import { hash } from 'node:crypto'
import { PermanentError } from '../../base/errors.ts'
import { makeBlockWriter } from './block-writer.ts'
import { SHORT_CHARS_MAX, textIdOf } from './format.ts'
import type { WholeFile } from '../files/whole-file.ts'

const TEXTS_MAX = 20_000_000

export interface TextWriter {
  /** The id of `text`, the same for the same text. */
  intern(text: string): number
  drained(): Promise<void>
  finish(): Promise<TextTables>
}

export interface TextTables {
  readonly shortTexts: readonly string[]
  readonly longStarts: Float64Array
  readonly blocks: Float64Array
}

export function makeTextWriter(file: WholeFile): TextWriter {
  const blocks = makeBlockWriter(file)
  const shortIds = new Map<string, number>()
  const shortTexts: string[] = []
  const longIds = new Map<string, number>()

  const room = (): void => {
    if (longIds.size + shortTexts.length < TEXTS_MAX) return
    throw new PermanentError(`the report holds more than ${TEXTS_MAX} different texts; split the scan`)
  }
  const internShort = (text: string): number => {
    const known = shortIds.get(text)
    if (known !== undefined) return known
    room()
    const id = textIdOf(shortTexts.length, false)
    const own = detached(text)
    shortIds.set(own, id)
    shortTexts.push(own)
    return id
  }
  const internLong = (text: string): number => {
    const digest = hash('sha256', text, 'base64')
    const known = longIds.get(digest)
    if (known !== undefined) return known
    room()
    const id = textIdOf(longIds.size, true)
    longIds.set(digest, id)
    blocks.add(text)
    return id
  }
  return {
    intern: (text) => (text.length <= SHORT_CHARS_MAX ? internShort(text) : internLong(text)),
    drained: () => blocks.drained(),
    finish: async () => ({ shortTexts, ...(await blocks.finish()) }),
  }
}

/** A copy that shares no memory: a slice of a chunk would keep the whole chunk alive. */
export function detached(text: string): string {
  return Buffer.from(text).toString()
}
