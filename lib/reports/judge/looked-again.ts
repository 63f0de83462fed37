/**
 * Decides whether a finding that is gone was looked for again. The one rule of
 * what proves a fix, for two reports that are compared and for the life of a
 * finding over many. It counts as fixed only where the later look at the same
 * host shows all of this:
 *
 *  1. it is the later one, and the host was reached, and scanned to its end
 *  2. the login reached at least as far, where the plugin needs one (`combined` and unknown types count as needing it)
 *  3. the port was looked at, over its protocol
 *  4. the plugin ran, or its family under a policy shown to be as wide
 *
 * Everything else is "not retested", with the conditions that failed. Pure: plain facts in, reasons out.
 */
import type { Access } from '../store/format.ts'
import { covers, sameRange } from './port-coverage.ts'
import type { Reach } from './reach.ts'
import { surelyBefore } from './report-dates.ts'

export const NOT_RETESTED = {
  older_report: 'the report given as the newer one is older by its own dates',
  order_unknown: 'nothing shows that this look came after the one that found it',
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
export const NOT_RETESTED_ORDER = Object.keys(NOT_RETESTED) as readonly NotRetested[]

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

/** What was found. */
export interface Found {
  readonly plugin: number
  readonly port: number
  readonly protocol: string
  /** What kind of check its plugin is, in lower case, and its family; where the report tells. */
  readonly type: string | undefined
  readonly family: string | undefined
}

/** `enabled`, `disabled` or `mixed`, by plugin family, as far as the report's policy lists them. */
export type Families = Readonly<Record<string, string>>

/** How the look that found it was done. */
export interface EarlierLook {
  readonly start: string | undefined
  readonly access: Access
  readonly portRange: string | undefined
  readonly policy: string | undefined
  readonly families: Families
}

/** One look at the same host that does not show it. */
export interface LaterLook extends EarlierLook {
  readonly reach: Reach
  /** Whether the plugin said anything on any host that was scanned under this look's policy; the same of a family. */
  readonly ran: (plugin: number) => boolean
  readonly familyRan: (family: string) => boolean
  /** Whether anything at all was reported on this port of the host. */
  readonly portSeen: (protocol: string, port: number) => boolean
}

export interface LaterLooks {
  /** A merged report may hold several looks at a host: one that meets all conditions is enough. */
  readonly looks: readonly LaterLook[]
  readonly isCutShort: boolean
  /** Whether the host is known there by a short name alone, at another address. */
  readonly isOnlyByName: boolean
}

/** What speaks against the finding being fixed; empty when it was looked for. */
export function lookedAgain(found: Found, earlier: EarlierLook, later: LaterLooks): NotRetested[] {
  if (later.looks.length === 0) return ['host_not_seen']
  if (later.isCutShort) return ['scan_unfinished']
  const doubts = later.looks.map((look) => against(found, earlier, look))
  const least = doubts.reduce((best, each) => (each.length < best.length ? each : best))
  return later.isOnlyByName ? ['host_moved', ...least] : least
}

function against(found: Found, earlier: EarlierLook, later: LaterLook): NotRetested[] {
  const { plugin, port, protocol, type } = found
  const failed: Partial<Record<NotRetested, boolean>> = {
    older_report: surelyBefore(later.start, earlier.start),
    host_unreachable: later.reach === 'unreachable',
    host_unfinished: later.reach === 'unfinished' || later.reach === 'unknown',
    credentials_lost: !loginHeld(type, earlier.access, later.access),
    port_not_covered: port > 0 && !later.portSeen(protocol, port) && !portCovered(earlier, later, port, protocol),
    plugin_not_covered: !later.ran(plugin) && !policyAsWide(found.family, earlier, later),
  }
  return NOT_RETESTED_ORDER.filter((reason) => failed[reason])
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
function portCovered(earlier: EarlierLook, later: LaterLook, port: number, protocol: string): boolean {
  if (covers(later.portRange, port, protocol) === true) return true
  return sameRange(earlier.portRange, later.portRange) && RANKS[later.access] >= RANKS[earlier.access]
}

function policyAsWide(family: string | undefined, earlier: EarlierLook, later: LaterLook): boolean {
  const now = family === undefined ? undefined : later.families[family]
  if (now === 'enabled') return true
  if (now === 'disabled') return false
  if (now === 'mixed' && earlier.families[family ?? ''] === 'enabled') return false
  const policy = later.policy?.toLowerCase()
  if (policy === undefined) return false
  if (policy === earlier.policy?.toLowerCase()) return true
  return WIDE_POLICIES.has(policy) && family !== undefined && later.familyRan(family)
}
