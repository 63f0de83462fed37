/** Whether a host was among what a scan was to look at, as its report names it: addresses, networks, names. */
import { isInRange } from '../../base/ip-range.ts'
import { rangeOfTarget } from '../../base/scan-target.ts'
import { canonicalAddress } from '../../base/ip-range.ts'

export function makeTargets(targets: readonly string[]) {
  const names = new Set(targets.map((target) => canonicalAddress(target) ?? target.trim().toLowerCase()))
  const ranges = targets.flatMap((target) => (canonicalAddress(target) ? [] : (rangeOfTarget(target) ?? [])))
  return (addresses: readonly string[], called: readonly string[]): boolean =>
    [...addresses, ...called].some((name) => names.has(name)) ||
    addresses.some((address) => ranges.some((range) => isInRange(range, address)))
}
