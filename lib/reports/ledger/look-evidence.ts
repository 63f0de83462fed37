/** What the record of a scan shows to have run on each of its hosts: the same as an open report shows in a comparison. */
import type { LaterLook } from '../judge/looked-again.ts'
import type { LookRecord } from './look-record.ts'

/** One host in one scan: each time that the report writes it, with what was found then. */
export interface LookAtHost {
  readonly start: string | undefined
  readonly basis: number
  readonly later: LaterLook
  /** Items by their number in the ledger, and the severity of each. */
  readonly items: readonly number[]
  readonly severities: readonly number[]
}

interface Ran {
  readonly plugins: Set<number>
  readonly families: Set<string>
}

export function ranIn(record: LookRecord) {
  const { hosts, items, plugins, texts } = record
  // A report that was put together of several scans has several policies: what ran under one says nothing of another.
  const policyOf = (place: number): string => texts[hosts[place]?.policy ?? -1]?.toLowerCase() ?? ''
  const itemsOf = (place: number): number[] => {
    let item = 0
    return (hosts[place]?.items ?? []).map((distance) => (item += distance))
  }
  const ran = new Map<string, Ran>()
  const seen = new Map<string, Uint8Array>()
  for (const [place] of hosts.entries()) {
    const policy = policyOf(place)
    let known = seen.get(policy)
    if (known === undefined) seen.set(policy, (known = new Uint8Array(items.length)))
    for (const item of itemsOf(place)) known[item] = 1
  }
  for (const [policy, known] of seen) {
    const own: Ran = { plugins: new Set(), families: new Set() }
    for (const [item, [plugin]] of items.entries()) {
      if (known[item] === 0) continue
      const [id = 0, , family] = plugins[plugin] ?? []
      own.plugins.add(id)
      own.families.add(texts[family ?? -1] ?? '')
    }
    ran.set(policy, own)
  }
  return {
    itemsOf,
    of(place: number): Pick<LaterLook, 'ran' | 'familyRan' | 'portSeen'> {
      const own = ran.get(policyOf(place))
      let ports: Set<string> | undefined
      const portsOf = (): Set<string> =>
        new Set(itemsOf(place).map((item) => `${texts[items[item]?.[2] ?? -1] ?? ''} ${items[item]?.[1] ?? 0}`))
      return {
        ran: (plugin) => own?.plugins.has(plugin) ?? false,
        familyRan: (family) => own?.families.has(family) ?? false,
        portSeen: (protocol, port) => (ports ??= portsOf()).has(`${protocol} ${port}`),
      }
    },
  }
}
