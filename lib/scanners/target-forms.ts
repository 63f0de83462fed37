/**
 * Reads one piece of the `targets` argument, in the forms that the scanner's own
 * documentation has:
 *
 *   10.0.0.1   10.0.0.0/24   10.0.0.0/255.255.255.0   10.0.0.1-20   10.0.0.1-10.0.1.20
 *   10.0-3.0.1-20   10.0.*.1   2001:db8::1   fe80::1%eth0   web.example.org   web.example.org[10.0.0.5]
 *
 * What the scanner alone could resolve into further addresses (`name/24`,
 * `link6`) is refused with the form to use: no rule about targets could see it.
 */
import { domainToASCII } from 'node:url'
import { canonicalAddress, formatIpRange, parseIpRange, type IpRange } from '../base/ip-range.ts'
import { labelled } from '../base/scan-target.ts'

export type ReadPiece =
  | { readonly ranges: readonly IpRange[] }
  /** One address that is written as the scanner must see it: with its zone, or its name. */
  | { readonly text: string; readonly at: IpRange }
  | { readonly name: string }
  | { readonly problem: string }

/** Spans that one piece may stand for. */
const SPANS_MAX = 1024
const NAME_MAX = 253
const NAME = /^(?=.*[a-z])[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?(?:\.[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?)*$/
/** Resolvers read `0x7f000001` and `2130706433` as addresses, past every rule about addresses. */
const ENDS_IN_NUMBER = /(?:^|\.)(?:0x[0-9a-f]*|\d+)$/
const OCTETS = /^(?:(?:\d{1,3}(?:-\d{1,3})?|\*)(?:\.(?!$)|$)){4}$/
const LINK_LOCAL = parseIpRange('fe80::/10')!
const ZONE = /^[a-z0-9][a-z0-9_.:-]{0,14}$/i

export function readPiece(piece: string): ReadPiece {
  const range = parseIpRange(piece)
  if (range) return { ranges: [range] }
  if (OCTETS.test(piece)) return readOctets(piece)
  const label = labelled(piece)
  if (label) return readLabelled(label)
  if (piece.includes('%')) return readZone(piece)
  const name = asName(piece)
  const problem = problemOf(name)
  return problem === undefined ? { name } : { problem }
}

/** Lower case, without the dot at its end, and as DNS has it: `bücher.example` is `xn--bcher-kva.example`. */
function asName(piece: string): string {
  const name = piece.toLowerCase().replace(/\.$/, '')
  // Of what is plain ASCII this would read numbers as addresses.
  return /[^ -~]/.test(name) ? domainToASCII(name) || name : name
}

function readLabelled({ name: label, address }: { readonly name: string; readonly address: string }): ReadPiece {
  const name = asName(label)
  if (problemOf(name) !== undefined) return { problem: `expected name[address] with a host name, ${FORMS}` }
  const at = parseIpRange(address)
  if (at?.first !== at?.last || !at) return { problem: 'expected name[address] with one address within the brackets' }
  return { text: `${name}[${formatIpRange(at)}]`, at }
}

function readZone(piece: string): ReadPiece {
  const [address = '', zone = ''] = piece.split('%')
  const at = parseIpRange(address)
  if (!at || at.first !== at.last) return { problem: 'expected an address before the zone (the part after %)' }
  if (at.first < LINK_LOCAL.first || at.first > LINK_LOCAL.last)
    return { problem: 'expected an address without a zone: only fe80::/10 has one' }
  if (!ZONE.test(zone)) return { problem: 'expected the name of an interface of the scanner after %, such as eth0' }
  return { text: `${canonicalAddress(address)}%${zone}`, at }
}

/** `10.0-3.*.1-20`: each number, or a span of numbers. */
function readOctets(piece: string): ReadPiece {
  const spans = piece.split('.').map((part) => (part === '*' ? [0, 255] : part.split('-').map(Number)))
  const wrong = piece.split('.').some((part) => /(?:^|-)0\d/.test(part))
  const octets = spans.map(([from = 0, to = from]) => ({ from, to }))
  if (wrong || octets.some(({ from, to }) => from > to || to > 255)) return { problem: OCTETS_EXPECTED }
  const [a, b, c, d] = octets as [Octet, Octet, Octet, Octet]
  const many = [a, b, c].reduce((product, { from, to }) => product * (to - from + 1), 1)
  if (many > SPANS_MAX)
    return { problem: `expected at most ${SPANS_MAX} spans of addresses, got ${many}; use networks` }
  const ranges: IpRange[] = []
  for (let one = a.from; one <= a.to; one++) {
    for (let two = b.from; two <= b.to; two++) {
      for (let three = c.from; three <= c.to; three++) {
        const head = `${one}.${two}.${three}`
        join(ranges, parseIpRange(`${head}.${d.from}-${head}.${d.to}`)!)
      }
    }
  }
  return { ranges }
}

interface Octet {
  readonly from: number
  readonly to: number
}

/** Adds a range to those before it; one that goes on where the last ends makes it longer. */
function join(ranges: IpRange[], next: IpRange): void {
  const last = ranges.at(-1)
  if (last && last.last + 1n === next.first) ranges[ranges.length - 1] = { ...last, last: next.last }
  else ranges.push(next)
}

const FORMS = 'such as web.example.org[10.0.0.5]'
const OCTETS_EXPECTED =
  'expected an IPv4 address of four numbers from 0 to 255, without leading zeros; each may be a range such as 1-20, low end first'

/** Why `piece`, which is no address or range, is not a host name either; `undefined` if it is one. */
function problemOf(piece: string): string | undefined {
  if (piece.includes('://')) return 'expected a host, got a URL; leave out the scheme and the path'
  if (/[[\]]/.test(piece)) return `expected brackets around one address after a name, without spaces, ${FORMS}`
  if (/^link6$/.test(piece)) return "expected addresses: link6 stands for all that answers on the scanner's network"
  if (/^[\da-f:.]+\/[\d.]*$/.test(piece) && /[\d:]/.test(piece[0] ?? ''))
    return 'expected a network such as 10.0.0.0/24, 10.0.0.0/255.255.255.0 or 2001:db8::/64'
  if (piece.includes('/'))
    return 'expected a network by its address, such as 10.0.0.0/24: what lies around a name is known only to the scanner'
  if (/^[\d.]+-[\d.]*$/.test(piece)) return 'expected a range such as 10.0.0.1-20 or 10.0.0.1-10.0.0.20, low end first'
  if (/^[\d.*-]+$/.test(piece)) return OCTETS_EXPECTED
  if (piece.includes(':')) return 'expected an IPv6 address, or a host without a port'
  if (piece.length > NAME_MAX) return `expected a host name of at most ${NAME_MAX} characters`
  if (ENDS_IN_NUMBER.test(piece)) return 'expected a host name; one whose last part is a number is read as an address'
  return NAME.test(piece) ? undefined : 'expected an address, a network, a range or a host name'
}
