/** One finding whole. A long text comes in slices, so that any length can be read within a model's limits. */
import { Refusal } from '../../base/errors.ts'
import { UNTRUSTED_FIELDS } from '../fields.ts'
import { makeFieldCatalogue } from '../query/field-catalogue.ts'
import { lineOf, type Line, longTextsOf } from '../query/finding-view.ts'
import type { OpenReport } from '../query/results.ts'
import type { FindingAnswer } from './answers.ts'
import { findRow } from './find-row.ts'

export const SLICE_CHARS_DEFAULT = 6000
export const SLICE_CHARS_MAX = 30_000
/** Elements of a list shown with the whole finding. */
const ELEMENTS_MAX = 200

export interface SliceRequest {
  readonly field: string
  /** Characters to skip; 0 is the beginning. */
  readonly offset?: number
  readonly chars?: number
}

/** The finding `findingId`, or one slice of one of its texts. Throws a Refusal when there is no such finding or text. */
export async function oneFinding(report: OpenReport, findingId: string, slice?: SliceRequest): Promise<FindingAnswer> {
  const { store, texts } = report
  const row = findRow(store, findingId)
  if (row === undefined) {
    const came = JSON.stringify(findingId.slice(0, 200))
    throw new Refusal(
      'not_found',
      `finding_id: this report has no finding ${came}; ids are in the id field of its results`,
    )
  }
  const catalogue = makeFieldCatalogue(store.fields)
  const wanted = new Set(slice ? [catalogue.field(slice.field, 'field').name] : catalogue.all)
  const line = lineOf(store, row, wanted, await texts.load(longTextsOf(store, [row], wanted)))
  const slices: FindingAnswer['slices'] = []
  const { offset, chars } = checkSlice(slice)
  for (const [name, value] of Object.entries(line)) {
    const text = textOf(value)
    if (text === undefined || (!slice && text.length <= chars)) continue
    const end = boundary(text, offset + chars)
    line[name] = text.slice(offset, end)
    const next = end < text.length ? end : null
    slices.push({ field: name, offset, total_chars: text.length, next_offset: next })
  }
  if (slice && slices.length === 0) {
    throw new Refusal('not_found', `field: the finding has no text ${slice.field}`, { argument: 'field' })
  }
  const untrusted = Object.keys(line).filter((name) => UNTRUSTED_FIELDS.has(name))
  return { id: findingId, finding: line, slices, untrusted_text: untrusted }
}

/** The text that can be sliced: a string, or a long list as lines. */
function textOf(value: Line[string]): string | undefined {
  if (typeof value === 'string') return value
  return Array.isArray(value) && value.length > ELEMENTS_MAX ? value.join('\n') : undefined
}

function checkSlice(slice: SliceRequest | undefined): { offset: number; chars: number } {
  const offset = slice?.offset ?? 0
  const chars = slice?.chars ?? SLICE_CHARS_DEFAULT
  if (!Number.isInteger(offset) || offset < 0) {
    throw new Refusal('invalid_argument', `offset: expected a whole number from 0, got ${offset}`)
  }
  if (!Number.isInteger(chars) || chars < 1 || chars > SLICE_CHARS_MAX) {
    throw new Refusal('invalid_argument', `chars: expected 1 to ${SLICE_CHARS_MAX}, got ${chars}`)
  }
  return { offset, chars }
}

/** Does not part a surrogate pair. */
function boundary(text: string, end: number): number {
  const last = text.charCodeAt(end - 1)
  return end < text.length && last >= 0xd800 && last < 0xdc00 ? end + 1 : end
}
