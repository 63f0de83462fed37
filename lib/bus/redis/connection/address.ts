/**
 * The forms REDIS_URL may have:
 *
 *   redis://[user:password@]host[:port][/database]         one server (`rediss:` with TLS, `unix:` for a socket)
 *   redis+sentinel://[user:password@]host[:port],…/master[/database][?sentinel_username=…&sentinel_password=…]
 *   redis+cluster://[user:password@]host[:port],…          any nodes of a cluster
 *
 * The last two also as `rediss+sentinel:` and `rediss+cluster:`. What stands before the `@` is for the servers
 * that hold the data; sentinels have a login of their own.
 */
import { PermanentError } from '../../../base/errors.ts'

const SENTINEL_PORT = 26_379
const SERVER_PORT = 6379
const NODES_MAX = 32
const GROUP_FORM =
  /^(rediss?)\+(sentinel|cluster):\/\/(?:([^@/?]*)@)?([^@/?]+)(?:\/([^/?]*))?(?:\/(\d{1,4}))?(?:\?(.*))?$/

export interface Node {
  readonly host: string
  readonly port: number
}

export interface SentinelGroup {
  readonly scheme: 'redis' | 'rediss'
  /** `user:password@` as it was written, or nothing. */
  readonly login: string
  readonly nodes: readonly Node[]
}

export type Address =
  | { readonly kind: 'server'; readonly url: string }
  | (SentinelGroup & { readonly kind: 'cluster' })
  | (SentinelGroup & {
      readonly kind: 'sentinel'
      readonly master: string
      /** `/1`, or nothing. */
      readonly database: string
      readonly sentinelLogin: string
    })

/** Reads an address; throws PermanentError that says what form was expected, and never what came: it may hold a password. */
export function parseAddress(url: string): Address {
  if (!/^rediss?\+/.test(url)) return { kind: 'server', url }
  const [, scheme, kind, login = '', hosts = '', path = '', database, query = ''] = GROUP_FORM.exec(url) ?? []
  const group: SentinelGroup = {
    scheme: scheme === 'rediss' ? 'rediss' : 'redis',
    login: login === '' ? '' : `${login}@`,
    nodes: hosts === '' ? [] : hosts.split(',').map((host) => nodeOf(host, kind)),
  }
  if (group.nodes.length > NODES_MAX) throw malformed(`at most ${NODES_MAX} nodes`)
  if (kind === 'cluster' && path === '') return { kind, ...group }
  if (kind === 'sentinel' && path !== '') {
    const master = decodeURIComponent(path)
    return { kind, ...group, master, database: database ? `/${database}` : '', sentinelLogin: sentinelLogin(query) }
  }
  throw malformed('redis+sentinel://host:port,host:port/master-name or redis+cluster://host:port,host:port')
}

/** The URL of one server of a group. */
export function serverUrl(
  { scheme, login }: Pick<SentinelGroup, 'scheme' | 'login'>,
  { host, port }: Node,
  database = '',
): string {
  return `${scheme}://${login}${host.includes(':') ? `[${host}]` : host}:${port}${database}`
}

/** The address without what must not be logged. */
export function withoutPassword(url: string): string {
  const [address = ''] = url.split('?')
  const from = address.indexOf('//')
  // The last one, because a password may hold an `@` of its own.
  const at = address.lastIndexOf('@')
  return from >= 0 && at > from ? `${address.slice(0, from)}//${address.slice(at + 1)}` : address
}

function nodeOf(text: string, kind: string | undefined): Node {
  const match = /^(?:\[([0-9a-fA-F:.]+)\]|([A-Za-z0-9._-]+))(?::(\d{1,5}))?$/.exec(text)
  const host = match?.[1] ?? match?.[2]
  const port = Number(match?.[3] ?? (kind === 'sentinel' ? SENTINEL_PORT : SERVER_PORT))
  if (host === undefined || port < 1 || port > 65_535) throw malformed('host:port,host:port after the //')
  return { host, port }
}

function sentinelLogin(query: string): string {
  const given = new URLSearchParams(query)
  const password = given.get('sentinel_password')
  if (password === null) return ''
  return `${encodeURIComponent(given.get('sentinel_username') ?? '')}:${encodeURIComponent(password)}@`
}

function malformed(expected: string): PermanentError {
  return new PermanentError(`REDIS_URL: expected ${expected}; see the settings table for the forms it may have`)
}
