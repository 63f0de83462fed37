/** Reads outputs line by line. Everything here takes time in proportion to the text, whatever it holds. */
import type { InventoryKind, InventoryRow, Told } from '../kinds.ts'

const OUTPUT_CHARS_MAX = 8 * 1024 * 1024
const LINE_CHARS_MAX = 2000
const VALUE_CHARS_MAX = 250
const ROWS_MAX = 50_000
// oxlint-disable-next-line no-control-regex -- control characters are what it looks for
const CONTROL = /[\u0000-\u001f\u007f]/

/** Calls `visit` with each line, without the space at its end; `false` when the text was too long to be read whole. */
export function eachLine(text: string, visit: (line: string) => void): boolean {
  let whole = text.length <= OUTPUT_CHARS_MAX
  for (let from = 0; from < Math.min(text.length, OUTPUT_CHARS_MAX);) {
    const newline = text.indexOf('\n', from)
    const end = newline < 0 ? text.length : newline
    if (end - from > LINE_CHARS_MAX) whole = false
    else visit(text.slice(from, end).trimEnd())
    from = end + 1
  }
  return whole
}

/** Collects rows. A value that is empty, too long or not plain text makes no row, and is counted as odd. */
export function makeRows(kind: InventoryKind) {
  const rows: InventoryRow[] = []
  let odd = false
  return {
    /** `needed` names the field without which the row says nothing; other fields may be missing. */
    add(needed: string, fields: Readonly<Record<string, string | undefined>>): void {
      const kept = Object.entries(fields).flatMap(([name, value]): [string, string][] => {
        const plain = value?.trim() ?? ''
        if (plain === '') return []
        if (plain.length <= VALUE_CHARS_MAX && !CONTROL.test(plain)) return [[name, plain]]
        odd = true
        return []
      })
      if (rows.length >= ROWS_MAX || !kept.some(([name]) => name === needed)) odd = true
      else rows.push({ kind, fields: kept })
    },
    miss(): void {
      odd = true
    },
    /** What was told; an output of which nothing was understood is odd. */
    done: (whole = true): Told => ({ rows, odd: odd || !whole || rows.length === 0 }),
  }
}

/** `Key : value` → both, trimmed; the key in lower case. */
export function keyed(line: string): [key: string, value: string] | undefined {
  const colon = line.indexOf(':')
  return colon < 1 ? undefined : [line.slice(0, colon).trim().toLowerCase(), line.slice(colon + 1).trim()]
}

/** What stands between `open` and `close`; `undefined` where either is missing. */
export function between(text: string, open: string, close: string): string | undefined {
  const from = text.indexOf(open)
  if (from < 0) return undefined
  const to = text.indexOf(close, from + open.length)
  return to < 0 ? undefined : text.slice(from + open.length, to)
}

/** An output without a row that says why there is none is not odd. */
export const understood = (told: Told, saysNothing: boolean): Told =>
  saysNothing && told.rows.length === 0 ? { rows: [], odd: false } : told
