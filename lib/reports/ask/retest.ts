/**
 * Decides whether a finding that is gone was looked for again. It counts as
 * fixed only where the newer report shows all of this on the same host:
 *
 *  1. it is the newer one, and the host is in it, reached, and scanned to its end
 *  2. the login reached at least as far, where the plugin needs one (`combined` and unknown types count as needing it)
 *  3. the port was looked at, over its protocol
 *  4. the plugin ran, or its family under a policy shown to be as wide
 *
 * Everything else is "not retested", with the conditions that failed.
 */
import type { Access, HostRecord } from '../store/format.ts'
import { shortText } from '../query/finding-view.ts'
import type { OpenReport } from '../query/results.ts'
import { covers, sameRange } from '../judge/port-coverage.ts'
import { surelyBefore } from '../judge/report-dates.ts'
import { shortValues } from './finding-brief.ts'
import type { Counterparts } from './counterparts.ts'

export const NOT_RETESTED = {
  older_report: 'the report given as the newer one is older by its own dates',
  host_not_seen: 'the host is not in the new report',
  host_moved: 'only the name is the same and its address has changed, so it may be another machine',
  host_unreachable: 'the host was unreachable in the new scan',
  scan_unfinished: 'the new scan did not finish',
  host_unfinished: 'nothing shows that the scan of this host finished in the new report',
  credentials_lost: 'the check needs a login, which the new scan did not have, or not as far as the old one',
  port_not_covered: 'the new scan does not show that it looked at this port over this protocol',
  plugin_not_covered: 'neither this plugin nor its family under a policy as wide is shown to have run in the new scan',
} as const
export type NotRetested = keyof typeof NOT_RETESTED
const ORDER = Object.keys(NOT_RETESTED) as readonly NotRetested[]

/** Templates that leave no family out; a policy of another name has to show its families. */
const WIDE_POLICIES: ReadonlySet<string> = new Set([
  'advanced scan',
  'advanced network scan',
  'advanced dynamic scan',
  'basic network scan',
  'internal network scan',
  'external network scan',
])

const RANKS: Readonly<Record<Access, number>> = { none: 0, unknown: 0, login: 1, limited: 2, local: 3, privileged: 4 }

/** A function that says what speaks against the finding on `row` of the old report being fixed; empty when it was looked for. */
export function makeRetest(before: OpenReport, after: OpenReport, hosts: Counterparts): (row: number) => NotRetested[] {
  const old = before.store
  const evidence = evidenceIn(after)
  const reversed = surelyBefore(after.facts.started_at, before.facts.started_at)
  const unfinished = after.facts.coverage.scan_status !== 'completed'
  const detail = memoised((record: number) => ({
    type: shortValues(old, record, 'plugin_type')[0]?.toLowerCase(),
    family: shortValues(old, record, 'plugin_family')[0],
  }))
  const against = (row: number, earlier: HostRecord, at: number): NotRetested[] => {
    const later = after.store.hosts[at]
    if (!later) return ['host_not_seen']
    const { type, family } = detail(old.columns.detail[row] ?? 0)
    const port = old.columns.port[row] ?? 0
    const protocol = shortText(old, old.columns.protocol[row] ?? 0)
    const failed: Partial<Record<NotRetested, boolean>> = {
      older_report: surelyBefore(later.start, earlier.start),
      host_unreachable: later.reach === 'unreachable',
      host_unfinished: later.reach === 'unfinished' || later.reach === 'unknown',
      credentials_lost: !loginHeld(type, earlier.access, later.access),
      port_not_covered:
        port > 0 && !evidence.portSeen(at, protocol, port) && !portCovered(earlier, later, port, protocol),
      plugin_not_covered:
        !evidence.ran(later, old.columns.plugin[row] ?? 0) &&
        !policyAsWide(before, after, evidence, earlier, later, family),
    }
    return ORDER.filter((reason) => failed[reason])
  }
  return (row) => {
    if (reversed) return ['older_report']
    const index = old.columns.host[row] ?? 0
    const earlier = old.hosts[index]
    const looks = hosts.laterOf(index)
    if (!earlier || looks.length === 0) return ['host_not_seen']
    if (unfinished) return ['scan_unfinished']
    // A merged report may hold several looks at a host: one that meets all conditions is enough.
    const doubts = looks.map((at) => against(row, earlier, at))
    const least = doubts.reduce((best, each) => (each.length < best.length ? each : best))
    return hosts.onlyByName(index) ? ['host_moved', ...least] : least
  }
}

function loginHeld(type: string | undefined, earlier: Access, later: Access): boolean {
  if (type === 'remote') return true
  // It was found without a login, so it needs none.
  if (earlier === 'none') return true
  // It counts as needing a login, and nobody says how far that one reached: local checks have to have run.
  if (earlier === 'unknown') return RANKS[later] >= RANKS.limited
  return RANKS[later] >= RANKS[earlier]
}

/** What the range says; or the same range as before, unless a login that was lost had found the port from inside. */
function portCovered(earlier: HostRecord, later: HostRecord, port: number, protocol: string): boolean {
  if (covers(later.portRange, port, protocol) === true) return true
  return sameRange(earlier.portRange, later.portRange) && RANKS[later.access] >= RANKS[earlier.access]
}

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

function policyAsWide(
  before: OpenReport,
  after: OpenReport,
  evidence: NewEvidence,
  earlier: HostRecord,
  later: HostRecord,
  family: string | undefined,
): boolean {
  const now = family === undefined ? undefined : after.facts.policy.families[family]
  if (now === 'enabled') return true
  if (now === 'disabled') return false
  if (now === 'mixed' && before.facts.policy.families[family ?? ''] === 'enabled') return false
  const policy = later.policy?.toLowerCase()
  if (policy === undefined) return false
  if (policy === earlier.policy?.toLowerCase()) return true
  return WIDE_POLICIES.has(policy) && family !== undefined && evidence.familyRan(later, family)
}

function memoised<T>(of: (key: number) => T): (key: number) => T {
  const known = new Map<number, T>()
  return (key) => {
    let value = known.get(key)
    if (value === undefined) known.set(key, (value = of(key)))
    return value
  }
}
