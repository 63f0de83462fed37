/** Orders hosts as people do: IPv4 addresses by number first, then everything else by its text. */
const IPV4 = /^(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})$/

export function compareHosts(a: string, b: string): number {
  const left = addressNumber(a)
  const right = addressNumber(b)
  if (left !== undefined && right !== undefined) return left - right
  if (left !== undefined) return -1
  if (right !== undefined) return 1
  return a < b ? -1 : a > b ? 1 : 0
}

function addressNumber(host: string): number | undefined {
  const match = IPV4.exec(host)
  if (!match) return undefined
  return match.slice(1).reduce((sum, part) => sum * 256 + Number(part), 0)
}
