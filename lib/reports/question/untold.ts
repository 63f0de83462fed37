/** Of which hosts no plugin tells what an inventory question asks: where that could change the answer, nothing can be said. */
import { INVENTORY, type InventoryKind, type Kind } from '../inventory/kinds.ts'
import type { OpenReport } from '../query/results.ts'
import type { HostRecord } from '../store/format.ts'
import { someNames } from './some-names.ts'

interface Scope {
  /** The hosts in question that answered, and those of them that nobody logged in to. */
  readonly reached: readonly HostRecord[]
  readonly without: readonly HostRecord[]
  /** How many rows matched. */
  readonly matched: number
}

export function untoldIn({ store }: OpenReport, kind: InventoryKind, { reached, without, matched }: Scope) {
  const told = new Set<number>()
  for (const host of store.inventory.columns[kind].host) told.add(store.hosts[host]?.same ?? host)
  const unreadOf = new Set(store.inventory.unread[kind].map((host) => store.hosts[host]?.same ?? host))
  const kindOf: Kind = INVENTORY[kind]
  const silent = reached.filter(
    (host) => !told.has(host.same) && !(kindOf.silentIsNone === true && !without.includes(host)),
  )
  const unread = reached.filter(({ same }) => unreadOf.has(same))
  const { needsLogin } = kindOf
  const cannotSay: string[] = []
  const nobody = silent.length > 0 && silent.length === reached.length
  if (nobody || (needsLogin && matched === 0 && silent.length > 0)) {
    const noLogin = needsLogin && silent.every((host) => without.includes(host))
    const why = noLogin ? ': nobody was logged in there' : ''
    cannotSay.push(`no plugin tells of ${kind} on ${someNames(silent.map(({ name }) => name))}${why}`)
  }
  if (matched === 0 && unread.length > 0) {
    cannotSay.push(
      `what a plugin tells of ${kind} on ${someNames(unread.map(({ name }) => name))} was not understood, or not all of it`,
    )
  }
  const names = (hosts: readonly HostRecord[]): string[] => hosts.map(({ name }) => name)
  return {
    cannotSay,
    lists: {
      ...(needsLogin
        ? {
            hosts_without_login: names(silent.filter((host) => without.includes(host))),
            hosts_not_told: names(silent.filter((host) => !without.includes(host))),
          }
        : {}),
      hosts_with_unread_text: names(unread),
    },
  }
}
