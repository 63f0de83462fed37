/**
 * Orders rows by ranks: a stable counting sort per key, last key first, so that
 * ordering 76,000 findings by several keys costs a few milliseconds.
 */

export interface SortKey {
  /** One rank per row, below `ranks`. */
  readonly rankOf: Uint32Array
  readonly ranks: number
}

/** `rows` ordered by `keys`, the first key counting most; equal rows keep their order. */
export function orderRows(rows: Uint32Array, keys: readonly SortKey[]): Uint32Array {
  let from = Uint32Array.from(rows)
  let to = new Uint32Array(rows.length)
  for (const key of [...keys].reverse()) {
    const starts = new Uint32Array(key.ranks + 1)
    for (const row of from) starts[(key.rankOf[row] ?? 0) + 1]!++
    for (let rank = 1; rank <= key.ranks; rank++) starts[rank]! += starts[rank - 1]!
    for (const row of from) to[starts[key.rankOf[row] ?? 0]!++] = row
    ;[from, to] = [to, from]
  }
  return from
}

/** Ranks of `values`, one per row, by `compare` over the distinct ones. */
export function ranksOf(values: Uint32Array, compare: (a: number, b: number) => number): SortKey {
  const distinct = [...new Set(values)].sort(compare)
  const rank = new Map(distinct.map((value, index) => [value, index]))
  return { rankOf: values.map((value) => rank.get(value) ?? 0), ranks: distinct.length }
}
