/** Which host of an older report is which of a newer one, and which findings are then the same. */
import { identifyHosts, isByNameAlone, type Sighting } from '../hosts/host-ledger.ts'
import { shortText } from '../query/finding-view.ts'
import type { HostRecord } from '../store/format.ts'
import type { Store } from '../store/store-reader.ts'

export interface Counterparts {
  /** What names a finding in both reports: host, port, protocol, plugin, check, and how many alike came before it. */
  keysOf(store: Store): (row: number) => string
  /** The looks of the newer report at host `index` of the older one. */
  laterOf(index: number): readonly number[]
  /** Whether host `index` of the older report is known in the newer one by a short name alone, at another address. */
  onlyByName(index: number): boolean
  readonly added: readonly string[]
  readonly gone: readonly string[]
  readonly both: number
  /** Whether the host of this row of the newer report is not in the older one. */
  isOnNewHost(row: number): boolean
}

export function findCounterparts(older: Store, newer: Store): Counterparts {
  const [before = [], after = []] = identifyHosts([older.hosts, newer.hosts])
  const looks = new Map<number, number[]>()
  for (const [at, { identity }] of after.entries()) {
    const known = looks.get(identity)
    if (known) known.push(at)
    else looks.set(identity, [at])
  }
  const known = new Set(before.map(({ identity }) => identity))
  const identityOf = (index: number): number => before[index]?.identity ?? -1
  const laterOf = (index: number): readonly number[] => looks.get(identityOf(index)) ?? []
  return {
    laterOf,
    keysOf: (store) => keysOf(store, store === older ? before : after),
    onlyByName: (index) => laterOf(index).some((at) => after[at] !== undefined && isByNameAlone(after[at])),
    added: namesOf(newer.hosts, after, (identity) => !known.has(identity)),
    gone: namesOf(older.hosts, before, (identity) => !looks.has(identity)),
    both: [...known].filter((identity) => looks.has(identity)).length,
    isOnNewHost: (row) => !known.has(after[newer.columns.host[row] ?? 0]?.identity ?? -1),
  }
}

function namesOf(
  hosts: readonly HostRecord[],
  sightings: readonly Sighting[],
  wanted: (identity: number) => boolean,
): string[] {
  const names = new Map<number, string>()
  for (const [at, { identity }] of sightings.entries()) {
    if (wanted(identity) && !names.has(identity)) names.set(identity, hosts[at]?.name ?? '')
  }
  return [...names.values()]
}

/**
 * A host that is written twice has its findings twice: they are numbered in each of its looks, so that they meet. The
 * rows are asked one after the other.
 */
function keysOf(store: Store, sightings: readonly Sighting[]): (row: number) => string {
  const { columns } = store
  const counts = new Map<string, number>()
  const looks = new Map<number, number>()
  for (const { identity } of sightings) looks.set(identity, (looks.get(identity) ?? 0) + 1)
  return (row) => {
    const host = columns.host[row] ?? 0
    const identity = sightings[host]?.identity ?? -1
    const key = `${identity}:${columns.port[row]}/${shortText(store, columns.protocol[row] ?? 0)}/${columns.plugin[row]}/${shortText(store, columns.check[row] ?? 0)}`
    const look = looks.get(identity) === 1 ? key : `${host}:${key}`
    const number = (counts.get(look) ?? 0) + 1
    counts.set(look, number)
    // In front of the rest: a check may be called anything.
    return number === 1 ? key : key.replace(':', `:#${number}/`)
  }
}
