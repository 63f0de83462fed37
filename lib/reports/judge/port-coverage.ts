/** Which ports a scan looked at, as its port range says it. Pure: a text and a port in, an answer out. */

/** Every default range has these; it names some 4,790 ports, which a report does not list. */
const WELL_KNOWN: ReadonlySet<number> = new Set([
  21, 22, 23, 25, 53, 80, 110, 111, 135, 139, 143, 389, 443, 445, 465, 514, 587, 636, 993, 995, 1433, 1521, 2049, 3306,
  3389, 5432, 5900, 5985, 5986, 8080, 8443,
])
const ALL = /^(?:all|0?1?-65535|[01]-65535)$/i
const RANGE = /^(?:([TU]):)?(\d{1,5})(?:-(\d{1,5}))?$/i

/**
 * Whether `range` says that `port` was looked at: `true`, `false`, or `undefined` when it does not tell.
 * `T:` and `U:` hold until the other one comes; without them a port is TCP. `default` tells of no UDP port.
 */
export function covers(range: string | undefined, port: number, protocol: string): boolean | undefined {
  const text = range?.trim()
  if (text === undefined || text === '') return undefined
  const udp = protocol.toLowerCase() === 'udp'
  if (ALL.test(text)) return udp ? undefined : true
  if (/^(?:sc-)?default$/i.test(text)) return !udp && WELL_KNOWN.has(port) ? true : undefined
  let kind = 'T'
  let covered = false
  for (const part of text.split(',')) {
    const [, letter, first, last = first] = RANGE.exec(part.trim()) ?? []
    if (first === undefined) return undefined
    if (letter !== undefined) kind = letter.toUpperCase()
    if ((kind === 'U') === udp && Number(first) <= port && port <= Number(last)) covered = true
  }
  return covered
}

/** Two spellings of one range. */
export function sameRange(a: string | undefined, b: string | undefined): boolean {
  const plain = (range: string): string => range.toLowerCase().replaceAll(/\s+/g, '')
  return a !== undefined && b !== undefined && plain(a) === plain(b)
}
