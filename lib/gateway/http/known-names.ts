/**
 * By which names the gateway is reached, and which pages may call it.
 *
 *   1. A `Host` is known by its name; a port counts only where ALLOWED_HOSTS names one.
 *   2. An `Origin` is known when it is where the request goes, port included (a page of another port of the same machine
 *      is another's), when it is PUBLIC_URL's, or when ALLOWED_ORIGINS names it.
 */
import { isIP } from 'node:net'

export interface KnownNames {
  /** Names beside loopback, with a port or without; `*` admits any. */
  readonly allowedHosts: readonly string[]
  /** Origins beside our own whose pages may call. */
  readonly allowedOrigins: readonly string[]
  readonly publicUrl?: string | undefined
}

interface Place {
  readonly name: string
  readonly port: string
}

export const LOOPBACK = ['localhost', '127.0.0.1', '[::1]']
const USUAL_PORTS: Readonly<Record<string, string>> = { 'http:': '80', 'https:': '443' }

/** Whether the value of a `Host` header is one of ours. */
export function isKnownHost(host: string | undefined, { allowedHosts }: KnownNames): boolean {
  const place = placeOf(host)
  if (!place) return false
  return [...LOOPBACK, ...allowedHosts].some((entry) => {
    if (entry === '*') return true
    const allowed = placeOf(entry)
    return allowed?.name === place.name && (allowed.port === '' || allowed.port === place.port)
  })
}

/** Whether the value of a `Host` header is an address: one that no name server can have pointed elsewhere. */
export function isAddress(host: string | undefined): boolean {
  return isIP(placeOf(host)?.name ?? '') !== 0
}

/** Whether a page of `origin` may call the gateway that it reached as `host`. */
export function isKnownOrigin(origin: string, host: string | undefined, names: KnownNames): boolean {
  const usual = URL.canParse(origin) ? USUAL_PORTS[new URL(origin).protocol] : undefined
  const from = usual === undefined ? undefined : placeOf(origin.replace(/^[a-z]+:\/\//i, ''))
  if (usual === undefined || !from) return false
  const written = new URL(origin).origin
  const named = [...names.allowedOrigins, ...(names.publicUrl === undefined ? [] : [names.publicUrl])]
  if (named.some((each) => new URL(each).origin === written)) return true
  const reached = placeOf(host)
  return reached?.name === from.name && (reached.port || usual) === (from.port || usual)
}

const PLACE = /^(?:\[([0-9a-f:.]+)\]|([a-z0-9._-]+))(?::(\d{1,5}))?$/

/** `host`, `host:port`, `[::1]:port` or a bare IPv6 address, in one spelling; `undefined` for anything else. */
function placeOf(text: string | undefined): Place | undefined {
  const written = text?.trim().toLowerCase() ?? ''
  if (isIP(written) === 6) return { name: written, port: '' }
  const [, address, name, port = ''] = PLACE.exec(written) ?? []
  const bare = address ?? name?.replace(/\.$/, '')
  return bare === undefined || bare === '' ? undefined : { name: bare, port }
}
