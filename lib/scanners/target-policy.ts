/**
 * Which targets a scanner may touch, and which scans touch a target.
 *
 * 1. A denied target wins: any overlap with a denied range refuses.
 * 2. Where an allow-list exists, all of a target must lie inside one entry of it.
 * 3. A host name is compared with name patterns only. It is never resolved here:
 *    what it resolves to at the scanner, or a minute later, cannot be known. So
 *    where addresses are ruled, a name passes only if a pattern allows it.
 * 4. An address that holds an IPv4 address (NAT64, 6to4, Teredo …) is also judged by that one
 *    too, and one name of the scanner's own machine (127.0.0.1, ::1, 0.0.0.0, ::)
 *    is as denied as another.
 */
import type { ScannerEntry } from './entry.ts'
import { embedded, isSelf, named } from './embedded-addresses.ts'
import { nameOfTarget, rangeOfTarget } from '../base/scan-target.ts'
import { contains, overlaps, parseIpRange, type IpRange } from '../base/ip-range.ts'

export interface RefusedTarget {
  readonly target: string
  /** Which rule refused it and what to do. */
  readonly reason: string
}

/** Whether `text` can stand in `allowed_targets` and `denied_targets`. */
export function isTargetRule(text: string): boolean {
  return parseIpRange(text) !== undefined || (NAME_RULE.test(text) && !LOOKS_NUMERIC.test(text))
}

/** The targets that the scanner's entry does not allow, each with its reason; none means the scan may run there. */
export function refusedTargets(
  entry: Pick<ScannerEntry, 'key' | 'allowedTargets' | 'deniedTargets'>,
  targets: readonly string[],
): RefusedTarget[] {
  const allowed = entry.allowedTargets.map(readRule)
  const denied = entry.deniedTargets.map(readRule)
  return targets.flatMap((target) => {
    const range = rangeOfTarget(target)
    const name = nameOfTarget(target)
    // Of `name[address]` the scanner goes to the address, and asks there for the name.
    const reason = range
      ? (refuseRange(range, allowed, denied) ?? (name && deniedName(normalName(name), denied)))
      : refuseName(normalName(target), allowed, denied)
    return reason === undefined ? [] : [{ target, reason: `${entry.key} ${reason}` }]
  })
}

/** Whether one of `targets` shares an address with `filter`, or bears a name that contains it (or fits its `*.` pattern). */
export function targetMatches(filter: string, targets: readonly string[]): boolean {
  const text = filter.trim()
  if (text === '') return true
  const range = parseIpRange(text)
  if (range) {
    return targets.some((target) => {
      const other = rangeOfTarget(target)
      return other !== undefined && overlaps(range, other)
    })
  }
  const name = normalName(text)
  return targets.some((target) => {
    const own = normalName(nameOfTarget(target) ?? target)
    return own.includes(name) || nameFits(name, own)
  })
}

interface Rule {
  readonly text: string
  readonly range: IpRange | undefined
}

const NAME_RULE = /^(?:\*|(?:\*\.)?[a-z0-9_](?:[a-z0-9_.-]*[a-z0-9_])?)\.?$/i
/** An address gone wrong (`10.0.0.256`), which must not quietly become a name that matches nothing. */
const LOOKS_NUMERIC = /^[\d./-]+$/

function readRule(text: string): Rule {
  return { text: normalName(text), range: parseIpRange(text) }
}

function refuseRange(target: IpRange, allowed: readonly Rule[], denied: readonly Rule[]): string | undefined {
  const reached = [target, ...embedded(target).map(({ range }) => range)]
  const self = reached.some(isSelf)
  const hit = denied.find(({ range }) => {
    if (!range) return false
    return (self && isSelf(range)) || named(range).some((one) => reached.some((each) => overlaps(one, each)))
  })
  if (hit) return `denies ${hit.text} (denied_targets)`
  if (allowed.length === 0 || isInside(target, rangesOf(allowed))) return undefined
  return 'allows only targets that lie wholly inside its allowed_targets'
}

/** Whether all of `target` is allowed, and what it stands for as well: allowing `::/0` allows no IPv6 address that holds an IPv4 address. */
function isInside(target: IpRange, allowed: readonly IpRange[]): boolean {
  const around = allowed.filter((rule) => contains(rule, target))
  if (around.length === 0) return false
  return embedded(target).every(
    ({ range, block }) => around.some((rule) => contains(block, rule)) || allowed.some((rule) => contains(rule, range)),
  )
}

function rangesOf(rules: readonly Rule[]): IpRange[] {
  return rules.flatMap(({ range }) => (range ? [range] : []))
}

function refuseName(target: string, allowed: readonly Rule[], denied: readonly Rule[]): string | undefined {
  const hit = deniedName(target, denied)
  if (hit !== undefined) return hit
  if (allowed.some((rule) => !rule.range && nameFits(rule.text, target))) return undefined
  if (allowed.length > 0) {
    return 'has allowed_targets and none of its name patterns fits; names are not resolved here, so give addresses or allow the name'
  }
  if (denied.some((rule) => rule.range)) {
    return 'denies addresses and names are not resolved here, so give addresses or allow the name in allowed_targets'
  }
  return undefined
}

function deniedName(target: string, denied: readonly Rule[]): string | undefined {
  const hit = denied.find((rule) => !rule.range && nameFits(rule.text, target))
  return hit && `denies ${hit.text} (denied_targets)`
}

function nameFits(pattern: string, name: string): boolean {
  if (pattern === '*') return true
  return pattern.startsWith('*.') ? name.endsWith(pattern.slice(1)) : name === pattern
}

function normalName(text: string): string {
  return text.trim().toLowerCase().replace(/\.$/, '')
}
