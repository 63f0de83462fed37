/**
 * Makes a page fit its budget. The longest texts of the page are cut to a common
 * length, so a short text is never touched while a longer one is whole; each
 * line says what was cut. When that is not enough, whole fields are left out,
 * the least telling first, and the schema line names them. Nothing is cut in silence.
 */
import { Refusal } from '../../base/errors.ts'
import type { Line, Value } from './finding-view.ts'
import { DISPENSABLE_FIELDS, KEPT_FIELDS } from './dispensable-fields.ts'

/** No text is cut below this many characters of JSON while there are fields to leave out. */
const CUT_CHARS_MIN = 120
/** What a cut leaves over its length: quotes and an ellipsis, or brackets. */
const CUT_EXTRA_CHARS = 4
/** `,"truncated":[]`, and per name its quotes and comma. */
const MARK_CHARS = 16

export interface Fitted {
  readonly lines: readonly string[]
  /** Fields left out of every line. */
  readonly omitted: readonly string[]
}

interface Piece {
  readonly name: string
  readonly value: Value
  readonly json: string
  readonly cuttable: boolean
}
interface Page {
  readonly lines: readonly (readonly Piece[])[]
  readonly ids: readonly string[]
}

/** `lines` as JSON, together at most `charsMax` long. `idOf` gives the id that a cut line needs to be read whole. */
export function fitLines(lines: readonly Line[], charsMax: number, idOf: (index: number) => string): Fitted {
  let page: Page = { lines: lines.map(piecesOf), ids: lines.map((_, index) => idOf(index)) }
  const omitted: string[] = []
  let length = levelOf(page, charsMax)
  while (length === undefined) {
    const field = nextToOmit(page)
    if (field === undefined) throw tooLarge(page, charsMax)
    omitted.push(field)
    page = { ...page, lines: page.lines.map((line) => line.filter((piece) => piece.name !== field)) }
    length = levelOf(page, charsMax)
  }
  const level = length
  return { lines: page.lines.map((line, index) => render(line, level, page.ids[index] ?? '')), omitted }
}

function piecesOf(line: Line): Piece[] {
  return Object.entries(line).map(([name, value]) => ({
    name,
    value,
    json: JSON.stringify(value),
    cuttable: (typeof value === 'string' || Array.isArray(value)) && (!KEPT_FIELDS.has(name) || name === 'plugin_name'),
  }))
}

/** The greatest length that makes the page fit; Infinity when it fits uncut, `undefined` when no length does. */
function levelOf(page: Page, charsMax: number): number | undefined {
  if (sizeAt(page, Infinity) <= charsMax) return Infinity
  if (sizeAt(page, CUT_CHARS_MIN) > charsMax) return undefined
  let low = CUT_CHARS_MIN
  let high = Math.max(low, ...page.lines.map((line) => Math.max(...line.map((piece) => piece.json.length))))
  // The size grows with the length, so the greatest length that fits is found by halving.
  while (high - low > 1) {
    const middle = (low + high) >> 1
    if (sizeAt(page, middle) <= charsMax) low = middle
    else high = middle
  }
  return low
}

/** An upper bound of the page's size when texts are cut to `length`. */
function sizeAt(page: Page, length: number): number {
  let size = 0
  for (const [index, line] of page.lines.entries()) {
    let marked = 0
    let named = false
    size += 2
    for (const piece of line) {
      named ||= piece.name === 'id'
      const cut = isCut(piece, length)
      size += piece.name.length + 4 + (cut ? length + CUT_EXTRA_CHARS : piece.json.length)
      if (cut) marked += piece.name.length + 3
    }
    if (marked > 0) size += MARK_CHARS + marked + (named ? 0 : (page.ids[index]?.length ?? 0) + 8)
  }
  return size
}

const isCut = (piece: Piece, length: number): boolean => piece.cuttable && piece.json.length > length + CUT_EXTRA_CHARS

function render(line: readonly Piece[], length: number, id: string): string {
  const truncated: string[] = []
  const parts: string[] = []
  for (const piece of line) {
    const cut = isCut(piece, length)
    if (cut) truncated.push(piece.name)
    parts.push(`${JSON.stringify(piece.name)}:${cut ? JSON.stringify(beginning(piece.value, length)) : piece.json}`)
  }
  if (truncated.length > 0) {
    if (!line.some((piece) => piece.name === 'id')) parts.push(`"id":${JSON.stringify(id)}`)
    parts.push(`"truncated":${JSON.stringify(truncated)}`)
  }
  return `{${parts.join(',')}}`
}

/** The longest beginning of `value` whose JSON, without what encloses it, is at most `length` long. */
function beginning(value: Value, length: number): Value {
  if (typeof value === 'string') return `${beginningOfText(value, length)}…`
  if (!Array.isArray(value)) return value
  const kept: typeof value = []
  let size = 0
  for (const element of value) {
    size += JSON.stringify(element).length + 1
    if (size > length) break
    kept.push(element)
  }
  return kept
}

function beginningOfText(text: string, length: number): string {
  let end = Math.min(text.length, length)
  // Escapes (\n, \u0000) make JSON longer than the text, at most six times.
  while (end > 1 && JSON.stringify(text.slice(0, end)).length - 2 > length) end = Math.floor(end * 0.9)
  const last = text.charCodeAt(end - 1)
  return text.slice(0, last >= 0xd800 && last < 0xdc00 ? end - 1 : end)
}

/** The next field to leave out: from the list of what tells least, then the largest. */
function nextToOmit(page: Page): string | undefined {
  const sizes = new Map<string, number>()
  for (const line of page.lines) {
    for (const { name, json } of line) {
      if (KEPT_FIELDS.has(name)) continue
      sizes.set(name, (sizes.get(name) ?? 0) + name.length + Math.min(json.length, CUT_CHARS_MIN))
    }
  }
  const listed = DISPENSABLE_FIELDS.find((name) => sizes.has(name))
  return listed ?? [...sizes].sort((a, b) => b[1] - a[1] || (a[0] < b[0] ? -1 : 1))[0]?.[0]
}

function tooLarge(page: Page, charsMax: number): Refusal {
  return new Refusal(
    'too_large',
    `max_chars: ${page.lines.length} findings do not fit into the ${charsMax} characters left for them; ask for a smaller page_size or raise max_chars`,
    { needed_chars: sizeAt(page, CUT_CHARS_MIN) },
  )
}
