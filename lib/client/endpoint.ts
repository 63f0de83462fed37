/** Where a gateway's MCP endpoint and its files are, from whatever address was given. */

export const DEFAULT_URL = 'http://127.0.0.1:8836/mcp'

export interface Endpoint {
  readonly mcp: URL
  /** An address beside `/mcp`, such as `scans/import`. */
  beside(path: string): URL
}

/** Takes the gateway's own address or that of its MCP endpoint. Throws TypeError when it is no http address. */
export function endpointOf(url: string | URL): Endpoint {
  const given = parse(url)
  if (given.username !== '' || given.password !== '') {
    throw new TypeError('url: expected an address without user and password; give a token by the token option instead')
  }
  const base = new URL(given)
  base.search = ''
  base.hash = ''
  const folders = base.pathname.split('/').filter((folder) => folder !== '')
  if (folders.at(-1) === 'mcp') folders.pop()
  base.pathname = folders.join('/')
  const beside = (path: string) => {
    const address = new URL(base)
    address.pathname = `/${[...folders, path].join('/')}`
    return address
  }
  return { mcp: beside('mcp'), beside }
}

function parse(url: string | URL): URL {
  const parsed = URL.canParse(String(url)) ? new URL(url) : undefined
  if (parsed?.protocol === 'http:' || parsed?.protocol === 'https:') return parsed
  const got = parsed ? `one with ${parsed.protocol}` : JSON.stringify(String(url).slice(0, 100))
  throw new TypeError(`url: expected an address such as ${DEFAULT_URL}, got ${got}`)
}
