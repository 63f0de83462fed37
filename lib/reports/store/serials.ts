/**
 * Running numbers: the first finding of a host, port, protocol, plugin and check
 * is 1, the next with the same five is 2. A host may occur twice in a report;
 * its numbers then run on, so that no two findings share an id.
 */
import type { SortKey } from './row-order.ts'
import { orderRows } from './row-order.ts'

/** The running number of each row, given the ranks of the five things that name a finding. */
export function serialsOf(rows: Uint32Array, keys: readonly SortKey[]): Uint32Array {
  const serials = new Uint32Array(rows.length)
  let last = -1
  for (const row of orderRows(rows, keys)) {
    const same = last >= 0 && keys.every((key) => key.rankOf[row] === key.rankOf[last])
    serials[row] = same ? (serials[last] ?? 0) + 1 : 1
    last = row
  }
  return serials
}
