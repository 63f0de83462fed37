/** Puts the rule of what proves a fix (judge/looked-again.ts) to two open reports. */
import { type EarlierLook, type LaterLook, lookedAgain, type NotRetested } from '../judge/looked-again.ts'
import { surelyBefore } from '../judge/report-dates.ts'
import { shortText } from '../query/finding-view.ts'
import type { OpenReport } from '../query/results.ts'
import type { HostRecord } from '../store/format.ts'
import type { Counterparts } from './counterparts.ts'
import { shortValues } from './finding-brief.ts'

/** A function that says what speaks against the finding on `row` of the old report being fixed; empty when it was looked for. */
export function makeRetest(before: OpenReport, after: OpenReport, hosts: Counterparts): (row: number) => NotRetested[] {
  const old = before.store
  const evidence = evidenceIn(after)
  const reversed = surelyBefore(after.facts.started_at, before.facts.started_at)
  const isCutShort = after.facts.coverage.scan_status !== 'completed'
  const detail = memoised((record: number) => ({
    type: shortValues(old, record, 'plugin_type')[0]?.toLowerCase(),
    family: shortValues(old, record, 'plugin_family')[0],
  }))
  const earlierLook = memoised((index: number) => {
    const host = old.hosts[index]
    return host && lookAt(host, before)
  })
  const laterLook = memoised((at: number): LaterLook | undefined => {
    const host = after.store.hosts[at]
    return (
      host && {
        ...lookAt(host, after),
        reach: host.reach,
        ran: (plugin) => evidence.ran(host, plugin),
        familyRan: (family) => evidence.familyRan(host, family),
        portSeen: (protocol, port) => evidence.portSeen(at, protocol, port),
      }
    )
  })
  return (row) => {
    if (reversed) return ['older_report']
    const index = old.columns.host[row] ?? 0
    const earlier = earlierLook(index)
    if (!earlier) return ['host_not_seen']
    const found = {
      ...detail(old.columns.detail[row] ?? 0),
      plugin: old.columns.plugin[row] ?? 0,
      port: old.columns.port[row] ?? 0,
      protocol: shortText(old, old.columns.protocol[row] ?? 0),
    }
    const looks = hosts.laterOf(index).flatMap((at) => laterLook(at) ?? [])
    return lookedAgain(found, earlier, { looks, isCutShort, isOnlyByName: hosts.onlyByName(index) })
  }
}

const lookAt = ({ start, access, portRange, policy }: HostRecord, { facts }: OpenReport): EarlierLook => ({
  start,
  access,
  portRange,
  policy,
  families: facts.policy.families,
})

interface NewEvidence {
  /** Whether the plugin said anything on a host that was scanned under the same policy. */
  readonly ran: (host: HostRecord, plugin: number) => boolean
  readonly familyRan: (host: HostRecord, family: string) => boolean
  readonly portSeen: (host: number, protocol: string, port: number) => boolean
}

function evidenceIn({ store }: OpenReport): NewEvidence {
  const { columns } = store
  // A report that was put together of several scans has several policies: what ran under one says nothing of another.
  const policyOf = (host: HostRecord | undefined): string => host?.policy?.toLowerCase() ?? ''
  const ports = new Set<string>()
  const plugins = new Set<string>()
  const families = new Set<string>()
  const familyOf = memoised((record: number) => shortValues(store, record, 'plugin_family')[0] ?? '')
  for (let row = 0; row < store.count; row++) {
    const host = columns.host[row] ?? 0
    ports.add(`${host} ${shortText(store, columns.protocol[row] ?? 0)} ${columns.port[row]}`)
    const policy = policyOf(store.hosts[host])
    plugins.add(`${columns.plugin[row]} ${policy}`)
    families.add(`${familyOf(columns.detail[row] ?? 0)} ${policy}`)
  }
  return {
    ran: (host, plugin) => plugins.has(`${plugin} ${policyOf(host)}`),
    familyRan: (host, family) => families.has(`${family} ${policyOf(host)}`),
    portSeen: (host, protocol, port) => ports.has(`${host} ${protocol} ${port}`),
  }
}

function memoised<T>(of: (key: number) => T): (key: number) => T {
  const known = new Map<number, T>()
  return (key) => {
    let value = known.get(key)
    if (value === undefined) known.set(key, (value = of(key)))
    return value
  }
}
