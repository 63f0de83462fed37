/** Holds the hosts of a report against the targets that were asked for. */
import { canonicalAddress, isInRange } from '../../base/ip-range.ts'
import { labelled, rangeOfTarget } from '../../base/scan-target.ts'
import type { ReadHost } from '../store/host-reader.ts'
import type { Reach } from './reach.ts'
import type { Coverage, Expectation } from './report-facts.ts'

const LISTED_MAX = 20

/** A host, each once. */
export interface Seen {
  readonly host: ReadHost
  readonly reach: Reach
  readonly findings: number
}

export function coverageOf(seen: readonly Seen[], expectation: Expectation): Coverage {
  const hosts = seen.map(({ host }) => host)
  const names = new Set(hosts.flatMap((host) => host.names))
  const missing = (expectation.targets?.list ?? []).filter((target) => !wasSeen(target, names, hosts))
  const reached = (reach: Reach): string[] => seen.flatMap((each) => (each.reach === reach ? each.host.name : []))
  const [unreachable, unfinished] = [reached('unreachable'), reached('unfinished')]
  return {
    targets_asked: expectation.targets?.count ?? null,
    hosts_seen: seen.length,
    hosts_without_findings: seen.filter(({ findings }) => findings === 0).length,
    hosts_unreachable: unreachable.length,
    hosts_unfinished: unfinished.length,
    unreachable: unreachable.slice(0, LISTED_MAX),
    unfinished: unfinished.slice(0, LISTED_MAX),
    targets_not_seen: missing.slice(0, LISTED_MAX),
    targets_not_seen_count: missing.length,
    scan_status: expectation.scanStatus ?? 'completed',
  }
}

function wasSeen(target: string, names: ReadonlySet<string>, hosts: readonly ReadHost[]): boolean {
  const wanted = canonicalAddress(labelled(target)?.address ?? target) ?? target.trim().toLowerCase()
  if (names.has(wanted)) return true
  const block = rangeOfTarget(wanted)
  if (!block) return [...names].some((name) => name.startsWith(`${wanted}.`) || name.includes(`://${wanted}`))
  return hosts.some((host) => host.marks.address?.some((address) => isInRange(block, address)))
}
