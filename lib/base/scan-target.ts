/**
 * What a target of a scan stands for, whatever form it has: `10.0.0.0/24`,
 * `fe80::1%eth0` (the zone names an interface of the scanner's machine),
 * `web.example.org[10.0.0.5]` (scanned at that address, by that name) or a name.
 */
import { type IpRange, parseIpRange } from './ip-range.ts'

const LABELLED = /^([^[\]]+)\[([^[\]]+)\]$/

/** The name and the address of `name[address]`; `undefined` for any other form. */
export function labelled(target: string): { readonly name: string; readonly address: string } | undefined {
  const [, name, address] = LABELLED.exec(target) ?? []
  return name === undefined || address === undefined ? undefined : { name, address }
}

/** The addresses that the target is scanned at; `undefined` for a name. */
export function rangeOfTarget(target: string): IpRange | undefined {
  const [plain = '', zone] = (labelled(target)?.address ?? target).split('%')
  const range = parseIpRange(plain)
  return zone === undefined || range?.first === range?.last ? range : undefined
}

/** The name that the target bears; `undefined` for plain addresses. */
export function nameOfTarget(target: string): string | undefined {
  return labelled(target)?.name ?? (rangeOfTarget(target) ? undefined : target)
}
