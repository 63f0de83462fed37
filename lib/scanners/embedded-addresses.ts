/**
 * What an address reaches beside itself. Some IPv6 addresses are an IPv4 address
 * written in another form (a translator or a tunnel reads it), and some are this very
 * machine. A rule about 10.0.0.1 or about 127.0.0.1 means those too.
 */
import { contains, MAPPED_FIRST, overlaps, parseIpRange, type IpRange } from '../base/ip-range.ts'

type Span = readonly [first: bigint, last: bigint]

interface Form {
  /** The network whose addresses are such. */
  readonly block: IpRange
  /** The IPv4 addresses in those from `first` to `last`. */
  readonly within: (first: bigint, last: bigint) => readonly Span[]
}

const V4_LAST = 0xffff_ffffn

/** The 32 bits that end `after` bits before the end; all of them where the span covers more than one turn. */
function bits(first: bigint, last: bigint, after: bigint): Span {
  const [from, to] = [first >> after, last >> after]
  return from >> 32n === to >> 32n ? [from & V4_LAST, to & V4_LAST] : [0n, V4_LAST]
}

const lowest: Form['within'] = (first, last) => [bits(first, last, 0n)]

/** RFC 6052 leaves out eight bits in the middle; a span wider than what is below them may be anything. */
function aroundTheMiddle(first: bigint, last: bigint): Span {
  if (first >> 40n !== last >> 40n) return [0n, V4_LAST]
  const address = (((first >> 64n) & 0xffffn) << 16n) | ((first >> 40n) & 0xffffn)
  return [address, address]
}

const FORMS: readonly Form[] = [
  { block: range('::/96'), within: lowest }, // IPv4-compatible
  { block: range('::ffff:0:0:0/96'), within: lowest }, // translated (SIIT)
  { block: range('64:ff9b::/96'), within: lowest }, // NAT64
  // NAT64 of a site's own: by which of the lengths, only the site knows.
  {
    block: range('64:ff9b:1::/48'),
    within: (first, last) => [bits(first, last, 0n), aroundTheMiddle(first, last)],
  },
  { block: range('2002::/16'), within: (first, last) => [bits(first, last, 80n)] }, // 6to4
  // Teredo: the server, and the client with all bits turned over.
  {
    block: range('2001::/32'),
    within(first, last) {
      const [from, to] = bits(first, last, 0n)
      return [bits(first, last, 64n), [V4_LAST - to, V4_LAST - from]]
    },
  },
]
/** The middle of an ISATAP address, under any network. */
const ISATAP: readonly bigint[] = [0x0000_5efen, 0x0200_5efen]

/** The machine that is asked, by any of its names. */
const SELF = ['127.0.0.0/8', '::1', '0.0.0.0', '::'].map(range)

export function isSelf(target: IpRange): boolean {
  return SELF.some((one) => overlaps(one, target))
}

/** The IPv4 addresses that addresses of `target` stand for, each with the network that makes them so. */
export function embedded(target: IpRange): { readonly range: IpRange; readonly block: IpRange }[] {
  const found = FORMS.filter(({ block }) => overlaps(block, target)).flatMap(({ block, within }) => {
    const first = target.first > block.first ? target.first : block.first
    const last = target.last < block.last ? target.last : block.last
    return within(first, last).map((span) => ({ range: mapped(span), block }))
  })
  const network = target.first >> 32n
  if (network === target.last >> 32n && ISATAP.includes(network & V4_LAST)) {
    const block: IpRange = { family: 6, first: network << 32n, last: (network << 32n) | V4_LAST }
    found.push({ range: mapped(bits(target.first, target.last, 0n)), block })
  }
  return found
}

/** All that a rule names: what is within such a network names the IPv4 address in it, while the whole network names itself only. */
export function named(rule: IpRange): IpRange[] {
  const inner = embedded(rule).filter(({ block }) => contains(block, rule) && !contains(rule, block))
  return [rule, ...inner.map(({ range: one }) => one)]
}

function mapped([first, last]: Span): IpRange {
  return { family: 4, first: MAPPED_FIRST + first, last: MAPPED_FIRST + last }
}

function range(text: string): IpRange {
  const parsed = parseIpRange(text)
  if (!parsed) throw new Error(`${text} is no network`)
  return parsed
}
