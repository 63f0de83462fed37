/**
 * Puts findings into their default order (severity descending, then host, port,
 * plugin, then as written) and numbers those that are otherwise alike. Yields
 * between steps: a large report must not hold up its neighbours.
 */
import { setImmediate as turn } from 'node:timers/promises'
import { COLUMNS, type ColumnName, type Columns } from './format.ts'
import type { GrowingColumn } from './growing-column.ts'
import { compareHosts } from './host-order.ts'
import { orderRows, ranksOf, type SortKey } from './row-order.ts'
import { serialsOf } from './serials.ts'

export async function inDefaultOrder(
  columns: Readonly<Record<ColumnName, GrowingColumn>>,
  hosts: readonly { readonly name: string }[],
): Promise<Columns> {
  const count = columns.host.length
  const rows = Uint32Array.from({ length: count }, (_, row) => row)
  const byNumber = (name: ColumnName): SortKey => ranksOf(columns[name].view(), (a, b) => a - b)
  const host = hostRanks(columns.host.view(), hosts)
  await turn()
  const port = byNumber('port')
  const plugin = byNumber('plugin')
  await turn()
  const serial = serialsOf(rows, [host, port, byNumber('protocol'), plugin, byNumber('check')])
  await turn()
  const severity = ranksOf(columns.severity.view(), (a, b) => b - a)
  const order = orderRows(rows, [severity, host, port, plugin])
  const sorted: Record<string, Uint32Array> = {}
  for (const name of COLUMNS) {
    const values = name === 'serial' ? serial : columns[name].view()
    sorted[name] = order.map((row) => values[row] ?? 0)
    await turn()
  }
  return sorted as Columns
}

/** Hosts of the same name share a rank. */
function hostRanks(column: Uint32Array, hosts: readonly { readonly name: string }[]): SortKey {
  const names = [...new Set(hosts.map((host) => host.name))].sort(compareHosts)
  const rank = new Map(names.map((name, index) => [name, index]))
  const rankOfHost = hosts.map((host) => rank.get(host.name) ?? 0)
  return { rankOf: column.map((host) => rankOfHost[host] ?? 0), ranks: names.length }
}
