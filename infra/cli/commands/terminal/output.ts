/** Where a command writes: answers to standard output, everything about them to standard error. */
import { cleanText } from './clean-text.ts'
import { makeProgressBar, type ProgressBar } from './progress-bar.ts'
import { makeStyler, type Styler } from './style.ts'
import { type Column, table, tabLines } from './table.ts'

const WIDTH = 100

export interface Output {
  /** Programs read the answer: JSON on standard output, and nothing else there. */
  readonly json: boolean
  /** A person reads the answer. */
  readonly terminal: boolean
  readonly style: Styler
  /** An answer, as it is. */
  write(text: string): void
  /** An answer as one line of JSON. */
  writeJson(value: unknown): void
  /** A table on a terminal, tab-separated lines elsewhere. */
  writeTable<Row>(columns: readonly Column<Row>[], rows: readonly Row[]): void
  /** A word to a person, which is no part of the answer. */
  note(text: string): void
  progress(): ProgressBar
}

export function makeOutput({ json }: { json: boolean }): Output {
  const { stdout, stderr } = process
  const terminal = stdout.isTTY && !json
  return {
    json,
    terminal,
    style: makeStyler(stdout, process.env),
    write: (text) => void stdout.write(text),
    writeJson: (value) => void stdout.write(`${JSON.stringify(value)}\n`),
    writeTable(columns, rows) {
      stdout.write(terminal ? table(columns, rows, stdout.columns ?? WIDTH) : tabLines(columns, rows))
    },
    note(text) {
      if (!json) stderr.write(`${cleanText(text)}\n`)
    },
    progress: () => (json && !stderr.isTTY ? { show() {}, clear() {} } : makeProgressBar(stderr)),
  }
}
