/**
 * Reads the `targets` argument of a tool call: addresses, networks, ranges and
 * host names, separated by commas, spaces or line ends, and after a `!` addresses to
 * leave out. The forms are those of target-forms.ts. What comes out is
 * checked, in one spelling and without duplicates, so that policy, count and
 * scanner all see the same targets.
 */
import { PermanentError } from '../base/errors.ts'
import { countAddresses, formatIpRange, parseIpRange, subtract, type IpRange } from '../base/ip-range.ts'
import { labelled } from '../base/scan-target.ts'
import { readPiece, type ReadPiece } from './target-forms.ts'

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
  return collect(pieces, limits)
}

const ADDRESS_LIKE = /^[0-9a-f.:]+$/i

/** The words of one line. People write ranges with air around the dash; names with air beside brackets cannot be told from several. */
function piecesOf(line: string): string[] {
  const pieces = wordsOf(line)
  const isWhole =
    line.includes('[') && !pieces.every((piece) => labelled(piece) ?? parseIpRange(piece.replace(/^!/, '')))
  return isWhole ? [line.trim()] : pieces
}

function wordsOf(line: string): string[] {
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

interface Excluded {
  readonly piece: string
  readonly range: IpRange
}

interface Found {
  /** As the scanner takes it; `undefined` while it is a range, which has one spelling. */
  readonly text?: string
  readonly range?: IpRange
}

function collect(pieces: readonly string[], { entriesMax }: TargetLimits): Targets {
  const found: Found[] = []
  const excluded: Excluded[] = []
  const problems: string[] = []
  for (const piece of pieces) {
    const isExcluded = piece.startsWith('!')
    const read = readPiece(isExcluded ? piece.slice(1) : piece)
    const blame = (problem: string) => problems.push(`${JSON.stringify(piece.slice(0, 80))}: ${problem}`)
    if ('problem' in read) blame(read.problem)
    else if (!isExcluded) found.push(...foundIn(read))
    else if ('ranges' in read) excluded.push(...read.ranges.map((range) => ({ piece, range })))
    else blame('expected an address, a network or a range after the !')
    if (found.length + excluded.length > entriesMax) throw tooMany(entriesMax)
  }
  problems.push(...wrongExclusions(found, excluded))
  if (problems.length > 0) throw new PermanentError(`targets: ${listProblems(problems)}`)
  return summedUp(without(found, excluded), entriesMax)
}

function foundIn(read: Exclude<ReadPiece, { problem: string }>): Found[] {
  if ('ranges' in read) return read.ranges.map((range) => ({ range }))
  return ['name' in read ? { text: read.name } : { text: read.text, range: read.at }]
}

function summedUp(found: readonly Found[], entriesMax: number): Targets {
  const list = [...new Set(found.map(({ text, range }) => text ?? formatIpRange(range!)))]
  if (list.length === 0) throw new PermanentError('targets: expected something that is not excluded, got nothing')
  if (list.length > entriesMax) throw tooMany(entriesMax)
  const names = new Set(found.flatMap(({ text, range }) => (range ? [] : [text]))).size
  const ranges = found.flatMap(({ range }) => (range ? [range] : []))
  return { hosts: safeNumber(countAddresses(ranges) + BigInt(names)), list, text: list.join(',') }
}

/** An exclusion that excludes nothing is a slip; beside a name nobody knows here whether it is kept. */
function wrongExclusions(found: readonly Found[], excluded: readonly Excluded[]): string[] {
  if (excluded.length === 0) return []
  const name = found.find(({ range }) => !range)?.text
  const among = makeAmong(found.flatMap(({ range }) => (range ? [range] : [])))
  return excluded.flatMap(({ piece, range }) => {
    const blame = (problem: string) => [`${JSON.stringify(piece.slice(0, 80))}: ${problem}`]
    if (name !== undefined)
      return blame(`names are not resolved here, so ${name} may be what is excluded; leave out one of the two`)
    return among(range).length > 0 ? [] : blame('expected a part of the other targets to exclude, and it is in none')
  })
}

function without(found: readonly Found[], excluded: readonly Excluded[]): readonly Found[] {
  if (excluded.length === 0) return found
  const among = makeAmong(excluded.map(({ range }) => range))
  return found.flatMap(({ text, range }): Found[] => {
    const rest: IpRange[] = []
    // They are in order, so only what is behind the one before can meet the next.
    let behind: IpRange | undefined = range
    for (const out of among(range!)) {
      const pieces: IpRange[] = behind ? subtract(behind, out) : []
      behind = pieces.at(-1)?.first === out.last + 1n ? pieces.pop() : undefined
      rest.push(...pieces)
    }
    if (behind) rest.push(behind)
    return rest.map((each) => (text === undefined ? { range: each } : { text, range: each }))
  })
}

/** Finds which of `ranges`, joined where they touch, share an address with another: by halves, since both may be thousands. */
function makeAmong(ranges: readonly IpRange[]): (range: IpRange) => readonly IpRange[] {
  const joined: IpRange[] = []
  for (const range of ranges.toSorted((a, b) => (a.first < b.first ? -1 : a.first > b.first ? 1 : 0))) {
    const last = joined.at(-1)
    if (!last || range.first > last.last + 1n) joined.push(range)
    else if (range.last > last.last) joined[joined.length - 1] = { ...last, last: range.last }
  }
  return ({ first, last }) => {
    let low = 0
    for (let high = joined.length; low < high;) {
      const middle = (low + high) >> 1
      if (joined[middle]!.last < first) low = middle + 1
      else high = middle
    }
    let end = low
    while (end < joined.length && joined[end]!.first <= last) end++
    return joined.slice(low, end)
  }
}

const tooMany = (max: number): PermanentError =>
  new PermanentError(`targets: expected at most ${max} entries, got more; use networks or ranges`)

function listProblems(problems: readonly string[]): string {
  const more = problems.length - PIECES_NAMED_MAX
  return problems.slice(0, PIECES_NAMED_MAX).join('; ') + (more > 0 ? `; and ${more} more` : '')
}

function safeNumber(count: bigint): number {
  return count > BigInt(Number.MAX_SAFE_INTEGER) ? Number.MAX_SAFE_INTEGER : Number(count)
}
