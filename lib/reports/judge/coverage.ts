/** Holds the hosts of a report against the targets that were asked for. */
import { BlockList, isIP } from 'node:net'
import type { HostRecord } from '../store/format.ts'
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
  const missing = (expectation.targets?.list ?? []).filter((target) => !wasSeen(target, namesOf(hosts), hosts))
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

const cache = new WeakMap<readonly HostRecord[], Set<string>>()
function namesOf(hosts: readonly HostRecord[]): Set<string> {
  let names = cache.get(hosts)
  if (!names) {
    names = new Set(
      hosts.flatMap((host) => [host.name, host.ip, host.fqdn].flatMap((name) => name?.toLowerCase() ?? [])),
    )
    cache.set(hosts, names)
  }
  return names
}

function wasSeen(target: string, names: ReadonlySet<string>, hosts: readonly HostRecord[]): boolean {
  const wanted = target.trim().toLowerCase()
  if (names.has(wanted)) return true
  const block = blockOf(wanted)
  if (!block) return [...names].some((name) => name.startsWith(`${wanted}.`) || name.includes(`://${wanted}`))
  return hosts.some((host) => [host.ip, host.name].some((address) => within(block, address)))
}

function within(block: BlockList, address: string | undefined): boolean {
  const family = isIP(address ?? '')
  return family !== 0 && block.check(address ?? '', family === 6 ? 'ipv6' : 'ipv4')
}

/** A range `a-b`, a CIDR or an address as something to hold addresses against. */
function blockOf(target: string): BlockList | undefined {
  const block = new BlockList()
  try {
    const [network = '', prefix] = target.split('/')
    const [first = '', last] = target.split('-')
    if (prefix !== undefined && isIP(network)) block.addSubnet(network, Number(prefix), familyOf(network))
    else if (last !== undefined && isIP(first)) block.addRange(first, lastOf(first, last), familyOf(first))
    else if (isIP(target)) block.addAddress(target, familyOf(target))
    else return undefined
  } catch {
    return undefined
  }
  return block
}

const familyOf = (address: string): 'ipv4' | 'ipv6' => (isIP(address) === 6 ? 'ipv6' : 'ipv4')
/** `10.0.0.1-20` means up to 10.0.0.20. */
const lastOf = (first: string, last: string): string =>
  isIP(last) ? last : `${first.slice(0, first.lastIndexOf('.') + 1)}${last}`
