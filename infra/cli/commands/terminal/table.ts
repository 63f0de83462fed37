/** Rows as an aligned table for people, or as lines of tab-separated values for programs. */
import { cleanText } from './clean-text.ts'

export interface Column<Row> {
  readonly title: string
  readonly value: (row: Row) => string | number | boolean | null | undefined
  readonly align?: 'right'
  /** Applied to the padded cell, so that colours do not disturb the widths. */
  readonly style?: (cell: string, row: Row) => string
}

const GAP = '  '
/** No column but the last is wider than this. */
const CELL_CHARS_MAX = 44
const CELL_CHARS_MIN = 8

/** One line per row, values between tabs, without a head. */
export function tabLines<Row>(columns: readonly Column<Row>[], rows: readonly Row[]): string {
  return rows.map((row) => `${columns.map((column) => cell(column, row)).join('\t')}\n`).join('')
}

/** Fits into `width`: the last column is cut first. */
export function table<Row>(columns: readonly Column<Row>[], rows: readonly Row[], width: number): string {
  const cells = rows.map((row) => columns.map((column) => cell(column, row)))
  const widths = widthsOf(columns, cells, width)
  const line = (texts: readonly string[], row?: Row) =>
    `${texts
      .map((text, at) => {
        const column = columns[at]
        const padded = pad(fit(text, widths[at] ?? 0), widths[at] ?? 0, column?.align)
        return row === undefined || !column?.style ? padded : column.style(padded, row)
      })
      .join(GAP)
      .trimEnd()}\n`
  const head = line(columns.map((column) => column.title.toUpperCase()))
  return head + cells.map((texts, at) => line(texts, rows[at])).join('')
}

function cell<Row>(column: Column<Row>, row: Row): string {
  const value = column.value(row)
  return value === null || value === undefined ? '' : cleanText(String(value))
}

function widthsOf<Row>(columns: readonly Column<Row>[], cells: readonly string[][], width: number): number[] {
  const widths = columns.map(({ title }, at) => {
    const longest = cells.reduce((max, texts) => Math.max(max, length(texts[at] ?? '')), length(title))
    return at === columns.length - 1 ? longest : Math.min(longest, CELL_CHARS_MAX)
  })
  const before = widths.slice(0, -1).reduce((sum, each) => sum + each + GAP.length, 0)
  const last = widths.length - 1
  widths[last] = Math.max(CELL_CHARS_MIN, Math.min(widths[last] ?? 0, width - before))
  return widths
}

function length(text: string): number {
  return Array.from(text).length
}

function fit(text: string, width: number): string {
  return length(text) <= width
    ? text
    : `${Array.from(text)
        .slice(0, width - 1)
        .join('')}…`
}

function pad(text: string, width: number, align: 'right' | undefined): string {
  const space = ' '.repeat(Math.max(0, width - length(text)))
  return align === 'right' ? space + text : text + space
}
