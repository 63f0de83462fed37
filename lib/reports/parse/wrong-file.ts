/**
 * Names a file that is no report by its first bytes, and says what to export
 * instead. One table; what is not in it is at least told from XML.
 */
import { PermanentError } from '../../base/errors.ts'

const EXPORT = 'export the scan as .nessus (Nessus format) instead'
const UNPACK = 'unpack it and import the .nessus file in it'

interface Kind {
  readonly what: string
  readonly instead: string
  readonly is: (head: Buffer, text: string) => boolean
}

const starts =
  (hex: string): Kind['is'] =>
  (head) =>
    head.toString('hex', 0, hex.length / 2) === hex
const says =
  (pattern: RegExp): Kind['is'] =>
  (_, text) =>
    pattern.test(text)

/** `text` is the beginning as Latin-1, without a byte-order mark and white space in front. */
const KINDS: readonly Kind[] = [
  { what: 'a PDF report', instead: EXPORT, is: says(/^%PDF-/) },
  { what: 'an SQLite database, as a Nessus .db export is', instead: EXPORT, is: says(/^SQLite format 3/) },
  {
    what: 'an Excel workbook (XLSX)',
    instead: EXPORT,
    is: (head, text) => head.toString('hex', 0, 4) === '504b0304' && /\[Content_Types\]|xl\//.test(text.slice(0, 200)),
  },
  {
    what: 'a zip archive',
    instead: 'import it as .zip with one report in it, or unpack it first',
    is: starts('504b0304'),
  },
  { what: 'an empty zip archive', instead: UNPACK, is: starts('504b0506') },
  { what: 'compressed with gzip', instead: 'import it packed once, or unpack it first', is: starts('1f8b') },
  { what: 'compressed with bzip2', instead: UNPACK, is: says(/^BZh[1-9]/) },
  { what: 'compressed with xz', instead: UNPACK, is: starts('fd377a585a00') },
  { what: 'compressed with Zstandard', instead: UNPACK, is: starts('28b52ffd') },
  { what: 'a 7z archive', instead: UNPACK, is: starts('377abcaf271c') },
  { what: 'a RAR archive', instead: UNPACK, is: says(/^Rar!/) },
  { what: 'a tar archive', instead: UNPACK, is: (head) => head.toString('latin1', 257, 262) === 'ustar' },
  { what: 'an old Excel or Word file', instead: EXPORT, is: starts('d0cf11e0a1b11ae1') },
  {
    what: 'an HTML page',
    instead: `download the .nessus file itself, or ${EXPORT}`,
    is: says(/^<(?:!doctype html|html)\b/i),
  },
  {
    what: 'a report of Nmap',
    instead: 'only reports of Nessus can be read',
    is: says(/^(?:<\?xml[^>]*>\s*)?(?:<!--[\s\S]*?-->\s*)*<(?:!doctype )?nmaprun\b/i),
  },
  { what: 'a JSON text', instead: `it may be an error of the scanner; ${EXPORT}`, is: says(/^[[{]/) },
  { what: 'a report in the old NBE format', instead: EXPORT, is: says(/^(?:timestamps|results)\|/) },
  { what: 'a CSV table', instead: EXPORT, is: says(/^"?[^<\n"]{0,200}"?[,;\t](?:[^<\n]*[,;\t])+/) },
]

/** Throws when `head`, the first bytes of a file, begins something that is not XML. */
export function refuseWrongFile(head: Buffer): void {
  const text = head.toString('latin1').replace(/^(?:\u00ef\u00bb\u00bf)?\s+|^\u00ef\u00bb\u00bf/, '')
  const kind = KINDS.find(({ is }) => is(head, text))
  if (kind) throw new PermanentError(`this is ${kind.what}, not a .nessus report; ${kind.instead}`)
  if (text === '') throw new PermanentError(`the file holds nothing but white space; ${EXPORT}`)
  if (text.startsWith('<')) return
  const binary = head.some((byte) => byte < 9)
  throw new PermanentError(
    binary
      ? `this is a binary file, not a .nessus report (a .db export, perhaps encrypted, looks like this); ${EXPORT}`
      : `this is no XML, so no .nessus report: it begins with ${JSON.stringify(text.slice(0, 20))}; ${EXPORT}`,
  )
}

/** Whether the names in a zip are those of an Office file. */
export const isOffice = (names: readonly string[]): boolean => names.includes('[Content_Types].xml')
