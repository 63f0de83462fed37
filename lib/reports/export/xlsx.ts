/**
 * An Office Open XML workbook of one sheet. Every text is an inline string, which
 * no program evaluates. A sheet has at most 1,048,576 rows, a cell 32,767
 * characters: more rows are refused, and a longer text says that it was cut.
 */
import { Readable } from 'node:stream'
import { ZipFile } from 'yazl'
import { Refusal } from '../../base/errors.ts'
import type { Line } from '../query/finding-view.ts'
import type { Scalar } from '../values.ts'
import type { ExportSource, ExportWriter } from './export-source.ts'
import { valuesIn } from './line-values.ts'
import { PARTS, SHEET_PATH } from './xlsx-parts.ts'

const ROWS_MAX = 1_048_576
const CELL_CHARS_MAX = 32_767
const CUT = ' [cut: a cell holds no more]'

export const xlsx: ExportWriter = { fields: 'asked', check, write }

function check({ counts, taskId }: ExportSource): void {
  const rows = counts.vulnerabilities + counts.informational + counts.compliance
  if (rows < ROWS_MAX) return
  throw new Refusal(
    'too_large',
    `format: a sheet holds ${ROWS_MAX - 1} findings, and ${rows} of ${taskId} match; ask for csv, or for fewer with filters.`,
    { findings: rows, findings_max: ROWS_MAX - 1 },
  )
}

async function* write(source: ExportSource): AsyncGenerator<Uint8Array, void, void> {
  const zip = new ZipFile()
  const out = zip.outputStream as Readable
  zip.on('error', (error: Error) => out.destroy(error))
  for (const [path, text] of Object.entries(PARTS)) zip.addBuffer(Buffer.from(text), path, ENTRY)
  const sheet = Readable.from(sheetOf(source), { objectMode: false })
  zip.addReadStream(sheet, SHEET_PATH, ENTRY)
  zip.end()
  try {
    for await (const piece of out) yield piece as Uint8Array
  } finally {
    // Whoever stops reading leaves nothing open behind.
    sheet.destroy()
  }
}

/** The same findings give the same bytes. */
const ENTRY = { mtime: new Date('1980-01-01T00:00:00Z') }

async function* sheetOf({ fields, lines }: ExportSource): AsyncGenerator<Buffer, void, void> {
  const columns = fields.map((_, at) => columnName(at))
  let row = 1
  // Some readers want the place of each row and cell, which the standard leaves open.
  const rowOf = (values: readonly (Scalar | undefined)[]): string => {
    const cells = values.map((value, at) => (value === undefined ? '' : cellOf(`${columns[at]}${row}`, value)))
    return `<row r="${row++}">${cells.join('')}</row>`
  }
  yield Buffer.from(HEAD + rowOf(fields))
  for await (const some of lines()) {
    yield Buffer.from(some.map((line) => rowOf(fields.map((field) => valueOf(line, field)))).join(''))
  }
  yield Buffer.from('</sheetData></worksheet>')
}

const HEAD =
  '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>' +
  '<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>'

/** A, B, … Z, AA, AB, … */
function columnName(at: number): string {
  const letter = String.fromCodePoint(65 + (at % 26))
  return at < 26 ? letter : columnName(Math.floor(at / 26) - 1) + letter
}

/** Values of a list stand in one cell, a line each. */
function valueOf(line: Line, field: string): Scalar | undefined {
  const values = valuesIn(line, field)
  return values.length > 1 ? values.join('\n') : values[0]
}

function cellOf(place: string, value: Scalar): string {
  if (typeof value === 'number') return `<c r="${place}"><v>${value}</v></c>`
  if (typeof value === 'boolean') return `<c r="${place}" t="b"><v>${value ? 1 : 0}</v></c>`
  if (value === '') return ''
  return `<c r="${place}" t="inlineStr"><is><t xml:space="preserve">${textIn(value)}</t></is></c>`
}

/** What XML 1.0 does not have (2.2), and lone surrogates. */
const NO_XML =
  // oxlint-disable-next-line no-control-regex -- these are the ones
  /[\u0000-\u0008\u000B\u000C\u000E-\u001F\uFFFE\uFFFF]|[\uD800-\uDBFF](?![\uDC00-\uDFFF])|(?<![\uD800-\uDBFF])[\uDC00-\uDFFF]/g

/** Cut to what a cell holds. What is no character of XML 1.0 becomes U+FFFD; what reads like the escape of one is escaped itself. */
function textIn(text: string): string {
  const fitted = text.length > CELL_CHARS_MAX ? text.slice(0, CELL_CHARS_MAX - CUT.length) + CUT : text
  return fitted
    .replaceAll(NO_XML, '\uFFFD')
    .replaceAll(/_(?=x[0-9A-Fa-f]{4}_)/g, '_x005F_')
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('\r', '&#13;')
}
