/**
 * Reads .nessus version 2 text, in chunks of any size, and tells a visitor what
 * it meets. The Policy block is passed over: it is checked for well-formedness
 * and its text, often most of the file, is dropped at once.
 *
 *   NP1. Memory: at most one item and one token (TOKEN_CHARS_MAX) are held.
 *   NP2. Nothing is expanded: a document type declaration is refused, so there are no entities to bomb with.
 *   NP3. Every error is a PermanentError that names line and column.
 *   NP4. What follows the end of the report is passed over and told; another report there is refused.
 */
import { SaxesParser } from 'saxes'
import { PermanentError } from '../../base/errors.ts'
import { ReportPlaces } from './report-places.ts'
import type { ReportVisitor } from './report-visitor.ts'
import type { XmlRepairs } from './xml-repairs.ts'

const ATTRIBUTES_MAX = 1000
const TOKEN_CHARS_MAX = 64 * 1024 * 1024
/** How much of what follows the end is looked at. */
const TRAILING_CHARS_MAX = 256 * 1024

export interface NessusParser {
  write(text: string): void
  /** Checks that the document is whole. */
  close(): void
  /** The line that the text so far ends on. */
  line(): number
  /** `error` as a PermanentError that says where the parser stands. */
  located(error: unknown): PermanentError
  /** What was passed over, in sentences. */
  said(): string[]
}

/** What was mended before the text came here: lines and offsets are counted without it. */
type Before = Pick<XmlRepairs, 'linesBefore' | 'forgetAfter'>

export function makeNessusParser(visitor: ReportVisitor, before: Before): NessusParser {
  const parser = new SaxesParser({ xmlns: false, position: true })
  const places = new ReportPlaces(visitor)
  const { seen } = places
  let attributes = 0
  parser.on('opentagstart', () => (attributes = 0))
  parser.on('attribute', () => {
    // All of an element's are held at once, and handed on in one go.
    if (++attributes > ATTRIBUTES_MAX) throw new PermanentError(`an element has over ${ATTRIBUTES_MAX} attributes`)
  })
  parser.on('opentag', (element) => places.open(element))
  parser.on('closetag', () => {
    places.close()
    if (seen.depth === 0) endsAt ??= parser.position
  })
  parser.on('text', (chars) => places.characters(chars))
  parser.on('cdata', (chars) => places.characters(chars))
  parser.on('doctype', refuseDoctype)

  let quiet = 0
  let endsAt: number | undefined
  let fed = 0
  let trailing = ''
  const located = (error: unknown): PermanentError => locate(error, parser, before.linesBefore)
  /** Only what is neither white space nor a comment is worth a word. */
  const passOver = (text: string): void => {
    if (trailing.length < TRAILING_CHARS_MAX) trailing += text.slice(0, TRAILING_CHARS_MAX)
    if (trailing.includes('<NessusClientData')) {
      throw new PermanentError('the file holds two reports one after the other; import each by itself')
    }
  }
  return {
    located,
    line: () => parser.line,
    said: () =>
      trailing.replaceAll(/<!--[\s\S]*?-->|\s+/g, '') === ''
        ? []
        : ['Bytes after the end of the report were passed over; the report itself is whole.'],
    write(chunk) {
      if (endsAt !== undefined) {
        before.forgetAfter(endsAt)
        return passOver(chunk)
      }
      const events = seen.events
      try {
        parser.write(chunk)
      } catch (error) {
        if (endsAt === undefined) throw located(error)
      }
      if (endsAt !== undefined) {
        before.forgetAfter(endsAt)
        passOver(chunk.slice(endsAt - fed))
      }
      fed += chunk.length
      quiet = seen.events === events ? quiet + chunk.length : 0
      if (quiet > TOKEN_CHARS_MAX) {
        throw located(new PermanentError(`one text is longer than ${TOKEN_CHARS_MAX} characters`))
      }
    },
    close() {
      try {
        if (endsAt === undefined) parser.close()
      } catch (error) {
        const cutShort = seen.depth > 0 ? 'the file ends too early: ' : ''
        throw located(new PermanentError(`${cutShort}${messageOf(error)}`, { cause: error }))
      }
      if (seen.reports === 0) throw located(new PermanentError(noReport(seen.policies > 0)))
    },
  }
}

function refuseDoctype(declaration: string): never {
  throw new PermanentError(
    /^\s*html/i.test(declaration)
      ? 'this is an HTML page, not a report; download the .nessus file itself'
      : 'a document type declaration; .nessus files have none, and it is refused because it can define entities',
  )
}

function noReport(hasPolicy: boolean): string {
  return hasPolicy
    ? 'the file holds a policy but no Report: it is a policy export; export the scan instead'
    : 'the file has no Report element; export the scan as .nessus again'
}

/** The parser's own message without the position in front of it. */
function messageOf(error: unknown): string {
  return (error instanceof Error ? error.message : String(error)).replace(/^(?:\d+:\d+: )+/, '').replace(/\.$/, '')
}

function locate(error: unknown, parser: { line: number; column: number }, linesBefore: number): PermanentError {
  if (error instanceof PermanentError && /^line \d+, column \d+: /.test(error.message)) return error
  return new PermanentError(`line ${parser.line + linesBefore}, column ${parser.column}: ${messageOf(error)}`, {
    cause: error,
  })
}
