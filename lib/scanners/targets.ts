/**
 * Reads the `targets` argument of a tool call: addresses, networks, ranges and
 * host names, separated by commas, spaces or line ends. What comes out is
 * checked, in one spelling and without duplicates, so that policy, count and
 * scanner all see the same targets.
 */
import { PermanentError } from '../base/errors.ts'
import { countAddresses, formatIpRange, parseIpRange, type IpRange } from '../base/ip-range.ts'

export const TARGET_LIMITS = { entriesMax: 10_000, bytesMax: 64 * 1024 } as const

export interface TargetLimits {
  readonly entriesMax: number
  readonly bytesMax: number
}

export interface Targets {
  /** Addresses covered (each once, all of a network's) plus names; stops at Number.MAX_SAFE_INTEGER. */
  readonly hosts: number
  readonly list: readonly string[]
  /** The list as the scanner takes it: comma separated. */
  readonly text: string
}

const PIECES_NAMED_MAX = 5
const NAME_MAX = 253
const NAME = /^(?=.*[a-z])[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?(?:\.[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?)*$/
/** Resolvers read `0x7f000001` and `2130706433` as addresses, past every rule about addresses. */
const ENDS_IN_NUMBER = /(?:^|\.)(?:0x[0-9a-f]*|\d+)$/

/** Parses `text`; throws {@link PermanentError} that names up to five bad pieces and what was expected of each. */
export function parseTargets(text: string, limits: TargetLimits = TARGET_LIMITS): Targets {
  const bytes = Buffer.byteLength(text)
  if (bytes > limits.bytesMax) {
    throw new PermanentError(`targets: expected at most ${limits.bytesMax} bytes, got ${bytes}; use networks or ranges`)
  }
  const pieces = text.split(/[,;\r\n]+/).flatMap(piecesOf)
  if (pieces.length === 0) throw new PermanentError('targets: expected at least one address or host name, got none')
  if (pieces.length > limits.entriesMax) {
    throw new PermanentError(
      `targets: expected at most ${limits.entriesMax} entries, got ${pieces.length}; use networks or ranges`,
    )
  }
  return collect(pieces)
}

const ADDRESS_LIKE = /^[0-9a-f.:]+$/i

/** The words of one line. People write ranges with air around the dash. */
function piecesOf(line: string): string[] {
  const pieces: string[] = []
  const words = line.split(/\s+/).filter((word) => word !== '')
  for (let at = 0; at < words.length; at++) {
    const from = pieces.at(-1) ?? ''
    const to = words[at + 1] ?? ''
    const isDash = words[at] === '-' && /[.:]/.test(from) && ADDRESS_LIKE.test(from) && ADDRESS_LIKE.test(to)
    if (!isDash) pieces.push(words[at]!)
    else pieces[pieces.length - 1] = `${from}-${words[++at]}`
  }
  return pieces
}

function collect(pieces: readonly string[]): Targets {
  const ranges: IpRange[] = []
  const found = new Map<string, true>()
  const problems: string[] = []
  let names = 0
  for (const piece of pieces) {
    const range = parseIpRange(piece)
    const name = piece.toLowerCase().replace(/\.$/, '')
    const target = range ? formatIpRange(range) : name
    if (found.has(target)) continue
    const problem = range ? undefined : problemOf(name)
    if (problem !== undefined) {
      problems.push(`${JSON.stringify(piece.slice(0, 80))}: ${problem}`)
      continue
    }
    found.set(target, true)
    if (range) ranges.push(range)
    else names += 1
  }
  if (problems.length > 0) throw new PermanentError(`targets: ${listProblems(problems)}`)
  const list = [...found.keys()]
  return { hosts: safeNumber(countAddresses(ranges) + BigInt(names)), list, text: list.join(',') }
}

/** Why `piece`, which is no address or range, is not a host name either; `undefined` if it is one. */
function problemOf(piece: string): string | undefined {
  if (piece.includes('://')) return 'expected a host, got a URL; leave out the scheme and the path'
  if (piece.includes('[')) return 'expected a plain address or name, without brackets'
  if (piece.includes('%')) return 'expected an address without a zone (the part after %)'
  if (piece.includes('/')) return 'expected a network such as 10.0.0.0/24 or 2001:db8::/64'
  if (/^[\d.]+-[\d.]*$/.test(piece)) return 'expected a range such as 10.0.0.1-20 or 10.0.0.1-10.0.0.20, low end first'
  if (/^[\d.]+$/.test(piece)) return 'expected an IPv4 address of four numbers from 0 to 255, without leading zeros'
  if (piece.includes(':')) return 'expected an IPv6 address, or a host without a port'
  if (piece.length > NAME_MAX) return `expected a host name of at most ${NAME_MAX} characters`
  if (ENDS_IN_NUMBER.test(piece)) return 'expected a host name; one whose last part is a number is read as an address'
  return NAME.test(piece) ? undefined : 'expected an address, a network, a range or a host name'
}

function listProblems(problems: readonly string[]): string {
  const more = problems.length - PIECES_NAMED_MAX
  return problems.slice(0, PIECES_NAMED_MAX).join('; ') + (more > 0 ? `; and ${more} more` : '')
}

function safeNumber(count: bigint): number {
  return count > BigInt(Number.MAX_SAFE_INTEGER) ? Number.MAX_SAFE_INTEGER : Number(count)
}
