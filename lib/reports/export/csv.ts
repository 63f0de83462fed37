/**
 * RFC 4180: a line of names, a line per finding. Values of a list stand in one
 * cell, a line each. What a spreadsheet would run as a formula begins with an
 * apostrophe: hosts choose their texts, and somebody opens the file.
 */
import type { Line } from '../query/finding-view.ts'
import type { Scalar } from '../values.ts'
import type { ExportSource, ExportWriter } from './export-source.ts'
import { valuesIn } from './line-values.ts'

/** What spreadsheets take for the beginning of a formula, in both widths, and what they pass over before one. */
const FORMULA = /^\s*[=+\-@\uFF1D\uFF0B\uFF0D\uFF20]|^[\t\r\n]/

export const csv: ExportWriter = { fields: 'asked', write }

async function* write({ fields, lines }: ExportSource): AsyncGenerator<string, void, void> {
  yield rowOf(fields.map(cell))
  for await (const some of lines()) yield some.map((line) => rowOf(fields.map((field) => cellOf(line, field)))).join('')
}

const rowOf = (cells: readonly string[]): string => `${cells.join(',')}\r\n`

function cellOf(line: Line, field: string): string {
  const values = valuesIn(line, field)
  const [only] = values
  return values.length === 1 && only !== undefined ? cell(only) : cell(values.join('\n'))
}

/** Numbers are the report's own, read as such, and stay numbers; a text may be anything. */
export function cell(value: Scalar): string {
  if (typeof value !== 'string') return String(value)
  const safe = FORMULA.test(value) ? `'${value}` : value
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe
}
