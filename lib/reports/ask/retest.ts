/**
 * Decides whether a finding that is gone was looked for again. It counts as
 * fixed only when nothing speaks against that; every doubt has a sentence.
 */
import type { HostRecord } from '../store/format.ts'
import type { Store } from '../store/store-reader.ts'
import { booleanOf } from '../values.ts'
import type { OpenReport } from '../query/results.ts'
import { shortValues } from './finding-brief.ts'

export const NOT_RETESTED = {
  host_not_seen: 'the host is not in the new report',
  host_unreachable: 'the host was unreachable in the new scan',
  scan_unfinished: 'the new scan did not finish',
  credentials_lost: 'the check needs a login, which worked before and not in the new scan',
  port_not_covered: 'the new scan covered other ports and saw nothing on this one',
  plugin_not_covered: 'the new scan used another policy, in which nothing of this plugin family ran',
} as const
export type NotRetested = keyof typeof NOT_RETESTED

/** A function that says why the finding on `row` of the old report was not retested; `undefined` when it was. */
export function makeRetest(before: OpenReport, after: OpenReport): (row: number) => NotRetested | undefined {
  const old = before.store
  const hosts = new Map(after.store.hosts.map((host) => [host.name, host]))
  const ports = portsSeen(after.store)
  const families = valuesSeen(after.store, 'plugin_family')
  const unfinished = after.facts.coverage.scan_status !== 'completed'
  const local = new Map<number, boolean>()
  const isLocal = (record: number): boolean => {
    let answer = local.get(record)
    if (answer === undefined) local.set(record, (answer = shortValues(old, record, 'plugin_type').includes('local')))
    return answer
  }
  return (row) => {
    const { columns } = old
    const earlier = old.hosts[columns.host[row] ?? 0]
    const later = hosts.get(earlier?.name ?? '')
    if (!earlier || !later) return 'host_not_seen'
    if (later.reach === 'unreachable') return 'host_unreachable'
    if (unfinished) return 'scan_unfinished'
    const record = columns.detail[row] ?? 0
    if (isLocal(record) && loggedIn(earlier) && !loggedIn(later)) return 'credentials_lost'
    const port = columns.port[row] ?? 0
    if (port > 0 && !ports.has(`${later.name} ${port}`) && !coversPort(earlier, later, port)) return 'port_not_covered'
    const [family] = shortValues(old, record, 'plugin_family')
    if (earlier.policy !== later.policy && family !== undefined && !families.has(family)) return 'plugin_not_covered'
    return undefined
  }
}

const loggedIn = (host: HostRecord): boolean =>
  host.login === 'success' ||
  host.login === 'partial' ||
  (host.login === undefined && booleanOf(String(host.credentialed)) === true)

/** The same range covers the same ports; another one covers a port only when it says so. */
function coversPort(earlier: HostRecord, later: HostRecord, port: number): boolean {
  if (later.portRange === undefined || earlier.portRange === later.portRange) return true
  if (/^(?:all|1-65535|0-65535)$/i.test(later.portRange)) return true
  return later.portRange.split(',').some((part) => {
    const [, first, last = first] = /^\s*(?:[TU]:)?(\d+)(?:-(\d+))?\s*$/i.exec(part) ?? []
    return first !== undefined && Number(first) <= port && port <= Number(last)
  })
}

function portsSeen(store: Store): Set<string> {
  const seen = new Set<string>()
  for (let row = 0; row < store.count; row++) {
    seen.add(`${store.hosts[store.columns.host[row] ?? 0]?.name ?? ''} ${store.columns.port[row] ?? 0}`)
  }
  return seen
}

function valuesSeen(store: Store, field: string): Set<string> {
  const seen = new Set<string>()
  for (const record of new Set(store.columns.detail))
    for (const value of shortValues(store, record, field)) seen.add(value)
  return seen
}
