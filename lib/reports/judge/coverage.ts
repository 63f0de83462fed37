/** Holds the hosts of a report against the targets that were asked for. */
import type { HostRecord } from '../store/format.ts'
import { addressesOf, within } from './addresses.ts'
import type { HostEvidence } from './evidence.ts'
import type { Coverage, Expectation } from './report-facts.ts'

const NOT_SEEN_LISTED_MAX = 20
const DEAD = /considered as dead|is dead|not respond/i

/** Whether the scanner called this host dead. */
export const isDead = (host: HostEvidence): boolean =>
  host.evidence.some((item) => item.pluginId === 10180 && DEAD.test(item.said))

export function coverageOf(
  hosts: readonly HostRecord[],
  evidence: readonly HostEvidence[],
  expectation: Expectation,
): Coverage {
  const names = namesOf(hosts)
  const missing = (expectation.targets?.list ?? []).filter((target) => !wasSeen(target, names, hosts))
  return {
    targets_asked: expectation.targets?.count ?? null,
    hosts_seen: hosts.length,
    hosts_without_findings: hosts.filter((host) => host.compliance + sum(host.severities) === 0).length,
    hosts_unreachable: evidence.filter(isDead).length,
    targets_not_seen: missing.slice(0, NOT_SEEN_LISTED_MAX),
    targets_not_seen_count: missing.length,
    scan_status: expectation.scanStatus ?? 'completed',
  }
}

const sum = (numbers: readonly number[]): number => numbers.reduce((total, number) => total + number, 0)

function namesOf(hosts: readonly HostRecord[]): Set<string> {
  return new Set(hosts.flatMap((host) => [host.name, host.ip, host.fqdn].flatMap((name) => name?.toLowerCase() ?? [])))
}

function wasSeen(target: string, names: ReadonlySet<string>, hosts: readonly HostRecord[]): boolean {
  const wanted = target.trim().toLowerCase()
  if (names.has(wanted)) return true
  const block = addressesOf(wanted)
  if (!block) return [...names].some((name) => name.startsWith(`${wanted}.`) || name.includes(`://${wanted}`))
  return hosts.some((host) => [host.ip, host.name].some((address) => within(block, address)))
}
