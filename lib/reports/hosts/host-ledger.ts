/**
 * One host, one identity, across reports. Reports are added in order of their
 * dates; each host of each is either one that was seen before, with the mark that
 * says so, or a new one. Pure: it knows nothing of stores or files, so that a
 * comparison, a query over many scans and a later memory of hosts share it.
 *
 *   HL1. In one report, no two hosts have the same identity, but those that the report writes more than once.
 *   HL2. A mark joins two hosts only where no mark that is trusted more ({@link MARKS}) tells them apart.
 *   HL3. A name joins two hosts at different addresses only where it names one host in either report; `moved` then says so.
 *   HL4. An identity is known by the marks of its last look: an address that it gave up is not its own any more.
 *   HL5. An address was handed on, and joins nothing, where either of its two hosts is found elsewhere under its own name.
 */
import { type Mark, MARK_KINDS, type Marks, hostNames } from './marks.ts'
import { contradicted, differs, type HostMarks, sameHosts, shares } from './same-host.ts'

export interface Sighting {
  /** Counts from 0, in order of first sight. */
  readonly identity: number
  /** The most trusted mark that it was recognised by; `undefined` at first sight. */
  readonly by?: Mark
  /** Recognised by a name alone, at another address than before. */
  readonly moved: boolean
}

/** Whether a short name alone says that it is the same host, at another address: it may be another machine. */
export const isByNameAlone = ({ moved, by }: Sighting): boolean => moved && (by === 'name' || by === 'netbios')

export interface HostIdentity {
  /** The mark it was first told by, such as `address:192.0.2.40`: the same for the same reports. */
  readonly key: string
  /** Every name and address it went by, the last look's first. */
  readonly names: readonly string[]
}

export interface HostLedger {
  /** The identities of one report's hosts, side by side with `hosts`. */
  add(hosts: readonly HostMarks[]): Sighting[]
  readonly identities: readonly KnownHost[]
}

/** An identity, and the marks of its last look: what a ledger can be gone on with from. */
export interface KnownHost extends HostIdentity {
  readonly marks: Marks
}

interface Known {
  key: string
  names: readonly string[]
  marks: Marks
}

/** `before`: the identities of a ledger that is gone on with. */
export function makeHostLedger(before: readonly KnownHost[] = []): HostLedger {
  const known: Known[] = before.map((host) => ({ ...host }))
  const keys = new Set(known.map(({ key }) => key))
  /** `kind:value` to the identities that have it now. */
  const index = new Map<string, Set<number>>()
  const hold = (at: string, identity: number): void => {
    const holders = index.get(at)
    if (holders) holders.add(identity)
    else index.set(at, new Set([identity]))
  }
  for (const [identity, { marks }] of known.entries()) {
    for (const kind of MARK_KINDS) for (const value of marks[kind] ?? []) hold(`${kind}:${value}`, identity)
  }

  const remember = (identity: number, host: HostMarks): void => {
    const entry = known[identity] as Known
    for (const kind of MARK_KINDS) {
      const values = host.marks[kind]
      if (values === undefined) continue
      for (const value of entry.marks[kind] ?? []) index.get(`${kind}:${value}`)?.delete(identity)
      for (const value of values) hold(`${kind}:${value}`, identity)
    }
    entry.marks = { ...entry.marks, ...host.marks }
    entry.names = [...new Set([...hostNames(host.name, host.marks), ...entry.names])]
  }
  const meet = (host: HostMarks): number => {
    const kind = MARK_KINDS.find((each) => host.marks[each] !== undefined)
    const first = kind === undefined ? `name:${host.name.toLowerCase()}` : `${kind}:${host.marks[kind]?.[0] ?? ''}`
    let key = first
    for (let count = 2; keys.has(key); count++) key = `${first}#${count}`
    keys.add(key)
    known.push({ key, names: [], marks: {} })
    return known.length - 1
  }
  return {
    get identities() {
      return known
    },
    add(hosts) {
      const first = sameHosts(hosts)
      const sightings = recognise(hosts, first, known, index)
      for (const [at, host] of hosts.entries()) {
        if (first[at] !== at) continue
        sightings[at] ??= { identity: meet(host), moved: false }
      }
      return hosts.map((host, at) => {
        const sighting = sightings[first[at] ?? at] as Sighting
        remember(sighting.identity, host)
        return sighting
      })
    },
  }
}

/** The identities of the hosts of several reports, the oldest report first. */
export function identifyHosts(reports: readonly (readonly HostMarks[])[]): Sighting[][] {
  const ledger = makeHostLedger()
  return reports.map((hosts) => ledger.add(hosts))
}

interface Pair {
  readonly host: number
  readonly identity: number
  readonly shared: number
  readonly moved: boolean
}

function recognise(
  hosts: readonly HostMarks[],
  first: readonly number[],
  known: readonly Known[],
  index: ReadonlyMap<string, ReadonlySet<number>>,
): (Sighting | undefined)[] {
  const sightings: (Sighting | undefined)[] = hosts.map(() => undefined)
  const taken = new Set<number>()
  for (const kind of MARK_KINDS) {
    const pairs: Pair[] = []
    const named = countNames(hosts, first, kind)
    const handedOn = kind === 'address' ? makeHandedOn(hosts, index) : () => false
    for (const [at, { marks }] of hosts.entries()) {
      if (first[at] !== at || sightings[at]) continue
      for (const value of marks[kind] ?? []) {
        const holders = index.get(`${kind}:${value}`) ?? []
        const alone = named.get(value) === 1 && new Set(holders).size === 1
        for (const identity of holders) {
          const pair = pairOf(at, marks, identity, known[identity]?.marks ?? {}, kind, alone)
          if (!pair || taken.has(identity) || handedOn(marks, identity, known[identity]?.marks ?? {})) continue
          pairs.push(pair)
        }
      }
    }
    // What shares most goes first, so that two hosts behind one mark find their own.
    pairs.sort((a, b) => b.shared - a.shared || Number(a.moved) - Number(b.moved) || b.identity - a.identity)
    for (const { host, identity, moved } of pairs) {
      if (sightings[host] || taken.has(identity)) continue
      sightings[host] = { identity, by: kind, moved }
      taken.add(identity)
    }
  }
  return sightings
}

const NAMES: ReadonlySet<Mark> = new Set(['fqdn', 'netbios', 'name'])

function pairOf(
  host: number,
  marks: Marks,
  identity: number,
  old: Marks,
  kind: Mark,
  alone: boolean,
): Pair | undefined {
  const moved = NAMES.has(kind) && differs(marks, old, 'address')
  if (moved) {
    if (!alone || contradicted(marks, old, 'address')) return undefined
  } else if (contradicted(marks, old, kind)) return undefined
  const shared = MARK_KINDS.reduce((sum, each) => sum + (shares(marks, old, each) ? 1 : 0), 0)
  return { host, identity, shared, moved }
}

/** How many hosts of the report have each value of `kind`. */
function countNames(hosts: readonly HostMarks[], first: readonly number[], kind: Mark): ReadonlyMap<string, number> {
  const counts = new Map<string, number>()
  if (!NAMES.has(kind)) return counts
  for (const [at, { marks }] of hosts.entries()) {
    if (first[at] !== at) continue
    for (const value of marks[kind] ?? []) counts.set(value, (counts.get(value) ?? 0) + 1)
  }
  return counts
}

/** Tells whether the two hosts behind one address bear different names, one of which is somewhere else as well. */
function makeHandedOn(hosts: readonly HostMarks[], index: ReadonlyMap<string, ReadonlySet<number>>) {
  const here = new Set<string>()
  for (const { marks } of hosts) {
    for (const kind of NAMES) for (const value of marks[kind] ?? []) here.add(`${kind}:${value}`)
  }
  return (marks: Marks, identity: number, old: Marks): boolean =>
    [...NAMES].some((kind) => {
      if (!differs(marks, old, kind)) return false
      const knownElsewhere = marks[kind]?.some((value) => {
        const holders = index.get(`${kind}:${value}`)
        return holders !== undefined && holders.size > 0 && !holders.has(identity)
      })
      return (knownElsewhere ?? false) || (old[kind]?.some((value) => here.has(`${kind}:${value}`)) ?? false)
    })
}
