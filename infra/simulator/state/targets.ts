/** Turns a scan's target text into the hosts the simulator pretends to find. */

/** Hosts of one scan; larger networks are cut here. */
export const HOSTS_MAX = 256
const TARGET_CHARS_MAX = 255

/** At most {@link HOSTS_MAX} distinct hosts, in order. What is not IPv4, a range or a CIDR stays as written. */
export function expandTargets(text: string): string[] {
  const hosts = new Set<string>()
  for (const word of text.split(/[\s,;]+/)) {
    if (word === '') continue
    for (const host of expandTarget(word.slice(0, TARGET_CHARS_MAX))) {
      if (hosts.size >= HOSTS_MAX) return [...hosts]
      hosts.add(host)
    }
  }
  return [...hosts]
}

function* expandTarget(target: string): Generator<string> {
  const [start = '', rest] = target.split(/[/-](.*)/s)
  const first = parseAddress(start)
  if (first === undefined || rest === undefined) {
    yield target
    return
  }
  const last = target.includes('/') ? lastOfNetwork(first, Number(rest)) : lastOfRange(start, rest)
  if (last === undefined || last < first) yield target
  else for (let address = first; address <= last; address++) yield formatAddress(address)
}

/** Starts at the address as given: whether network and broadcast answer is no concern of a simulation. */
function lastOfNetwork(first: number, bits: number): number | undefined {
  if (!Number.isInteger(bits) || bits < 0 || bits > 32) return undefined
  const size = 2 ** (32 - bits)
  return Math.floor(first / size) * size + size - 1
}

function lastOfRange(start: string, rest: string): number | undefined {
  return parseAddress(rest.includes('.') ? rest : start.slice(0, start.lastIndexOf('.') + 1) + rest)
}

function parseAddress(text: string): number | undefined {
  const parts = /^(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})$/.exec(text)?.slice(1).map(Number)
  if (!parts || parts.some((part) => part > 255)) return undefined
  return parts.reduce((sum, part) => sum * 256 + part, 0)
}

function formatAddress(address: number): string {
  return [24, 16, 8, 0].map((bits) => Math.floor(address / 2 ** bits) % 256).join('.')
}
