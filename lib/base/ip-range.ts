/**
 * Addresses, networks and ranges as arithmetic.
 *
 * All addresses live in one 128-bit space, IPv4 at its mapped place
 * (::ffff:0:0/96). So `::ffff:10.0.0.5` *is* 10.0.0.5, and no spelling of an
 * address slips past a rule that was written in another spelling.
 */
import { isIP } from 'node:net'

export interface IpRange {
  readonly family: 4 | 6
  readonly first: bigint
  readonly last: bigint
}

/** Where IPv4 stands in IPv6. */
export const MAPPED_FIRST = 0xffff_0000_0000n
const MAPPED_LAST = 0xffff_ffff_ffffn

/** Reads an address, a CIDR (host bits are ignored; the netmask may be written out) or a range (`a-b`, `10.0.0.1-20`); `undefined` if it is none. */
export function parseIpRange(text: string): IpRange | undefined {
  const slash = text.indexOf('/')
  if (slash >= 0) return parseNetwork(text.slice(0, slash), text.slice(slash + 1))
  const dash = text.indexOf('-')
  if (dash >= 0) return parseSpan(text.slice(0, dash), text.slice(dash + 1))
  const address = parseAddress(text)
  return address === undefined ? undefined : rangeOf(address, address)
}

/** Whether all of `inner` lies in `outer`, families apart: `::/0` does not stand for every IPv4 address. */
export function contains(outer: IpRange, inner: IpRange): boolean {
  return outer.family === inner.family && outer.first <= inner.first && inner.last <= outer.last
}

/** Whether `address`, in any spelling, is one of `range`; its zone, which names an interface of one machine, is left out. */
export function isInRange(range: IpRange, address: string | undefined): boolean {
  const value = parseIpRange(address?.split('%')[0] ?? '')
  return value !== undefined && contains(range, value)
}

/**
 * The one spelling of an address, so that equal addresses are equal texts: `2001:0DB8:0:0::11` and `[2001:db8::11]` are
 * `2001:db8::11`, `::ffff:192.0.2.1` is `192.0.2.1`; a zone (`%eth0`) is kept. `undefined` when `text` is no address.
 */
export function canonicalAddress(text: string): string | undefined {
  const trimmed = text.trim().replace(/^\[(.*)\]$/, '$1')
  const family = isIP(trimmed)
  if (family !== 6) return family === 4 ? trimmed : undefined
  const [plain = '', zone] = trimmed.toLowerCase().split('%')
  const range = parseIpRange(plain)
  if (!range) return undefined
  return range.family === 4 || zone === undefined ? formatIpRange(range) : `${formatIpRange(range)}%${zone}`
}

/** Whether the two share an address. */
export function overlaps(one: IpRange, other: IpRange): boolean {
  return one.first <= other.last && other.first <= one.last
}

/** What of `range` is not in `out`: none, one or two ranges. */
export function subtract(range: IpRange, out: IpRange): IpRange[] {
  if (!overlaps(range, out)) return [range]
  const before = range.first < out.first ? [{ ...range, last: out.first - 1n }] : []
  const after = range.last > out.last ? [{ ...range, first: out.last + 1n }] : []
  return [...before, ...after]
}

/** How many addresses the ranges cover together, each counted once. */
export function countAddresses(ranges: readonly IpRange[]): bigint {
  let count = 0n
  let covered = -1n
  for (const { first, last } of ranges.toSorted((a, b) => (a.first < b.first ? -1 : a.first > b.first ? 1 : 0))) {
    const from = first > covered ? first : covered + 1n
    if (last < from) continue
    count += last - from + 1n
    covered = last
  }
  return count
}

/** The range in its shortest spelling: an address, a CIDR where it is one, else `first-last`. */
export function formatIpRange({ family, first, last }: IpRange): string {
  if (first === last) return formatAddress(family, first)
  const size = last - first + 1n
  const isNetwork = (size & (size - 1n)) === 0n && first % size === 0n
  if (!isNetwork) return `${formatAddress(family, first)}-${formatAddress(family, last)}`
  const bits = (family === 4 ? 32 : 128) - (size.toString(2).length - 1)
  return `${formatAddress(family, first)}/${bits}`
}

function parseNetwork(base: string, bitsText: string): IpRange | undefined {
  const address = parseAddress(base)
  const width = isIP(base) === 4 ? 32 : 128
  const bits = /^\d{1,3}$/.test(bitsText) ? Number(bitsText) : width === 32 ? bitsOfMask(bitsText) : undefined
  if (address === undefined || bits === undefined) return undefined
  if (bits > width) return undefined
  const size = 1n << BigInt(width - bits)
  const first = address - (address % size)
  return rangeOf(first, first + size - 1n)
}

/** Of a netmask, `255.255.255.0`, the ones; `undefined` when they do not all stand in front. */
function bitsOfMask(text: string): number | undefined {
  if (isIP(text) !== 4) return undefined
  const bits = parseIpv4(text).toString(2).padStart(32, '0')
  const ones = bits.lastIndexOf('1') + 1
  return bits.slice(0, ones).includes('0') ? undefined : ones
}

function parseSpan(from: string, to: string): IpRange | undefined {
  const first = parseAddress(from)
  const isLastPart = isIP(from) === 4 && /^\d{1,3}$/.test(to)
  const last = parseAddress(isLastPart ? from.slice(0, from.lastIndexOf('.') + 1) + String(Number(to)) : to)
  if (first === undefined || last === undefined || last < first) return undefined
  // A span from one family into the other is a mistake, not a wish.
  return isIP(from) === (isLastPart ? 4 : isIP(to)) ? rangeOf(first, last) : undefined
}

function rangeOf(first: bigint, last: bigint): IpRange {
  return { family: first >= MAPPED_FIRST && last <= MAPPED_LAST ? 4 : 6, first, last }
}

function parseAddress(text: string): bigint | undefined {
  // A zone (`fe80::1%eth0`) names an interface of this machine, not of the scanner's.
  const family = text.includes('%') ? 0 : isIP(text)
  if (family === 4) return MAPPED_FIRST + parseIpv4(text)
  if (family === 6) return parseIpv6(text)
  return undefined
}

function parseIpv4(text: string): bigint {
  return BigInt(text.split('.').reduce((sum, part) => sum * 256 + Number(part), 0))
}

function parseIpv6(text: string): bigint {
  const dotted = text.slice(text.lastIndexOf(':') + 1)
  const plain = dotted.includes('.')
    ? text.slice(0, -dotted.length) +
      [parseIpv4(dotted) >> 16n, parseIpv4(dotted) & 0xffffn].map((part) => part.toString(16)).join(':')
    : text
  const [head = '', tail] = plain.split('::')
  const before = head === '' ? [] : head.split(':')
  const after = tail === undefined || tail === '' ? [] : tail.split(':')
  const zeros = Array.from({ length: 8 - before.length - after.length }, () => '0')
  return [...before, ...zeros, ...after].reduce((sum, part) => (sum << 16n) + BigInt(`0x${part}`), 0n)
}

function formatAddress(family: 4 | 6, address: bigint): string {
  if (family === 4) return [24n, 16n, 8n, 0n].map((shift) => String((address >> shift) & 0xffn)).join('.')
  const groups = Array.from({ length: 8 }, (_, at) => ((address >> BigInt(112 - 16 * at)) & 0xffffn).toString(16))
  // The URL parser writes IPv6 in its canonical form (RFC 5952).
  return new URL(`http://[${groups.join(':')}]`).hostname.slice(1, -1)
}
