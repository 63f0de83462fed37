/**
 * The checks before any route: a page in somebody's browser must not reach the
 * gateway under another name (DNS rebinding) or from another origin, and may
 * send only what a browser asks about first.
 */
import type { Context, MiddlewareHandler } from 'hono'
import { Refusal } from '../../base/errors.ts'
import { isAddress, isKnownHost, isKnownOrigin, type KnownNames } from './known-names.ts'

/** Asked by machines, which know addresses rather than names. */
const PROBES: ReadonlySet<string> = new Set(['/health', '/ready', '/metrics'])
/** Where the body is a file. */
const UPLOAD = /^\/scans\/import\/?$/
/** What a page of any origin may send without the browser asking first, beside no type at all. */
const SIMPLE = ['', 'text/plain', 'multipart/form-data', 'application/x-www-form-urlencoded']

/** Throws a Refusal when the `Host`, the `Origin` or, of a browser, the type of the body is not what it must be. */
export function guardHosts(names: KnownNames): MiddlewareHandler {
  return async (c, next) => {
    const host = c.req.header('host')
    const isProbe = PROBES.has(c.req.path)
    if (!isKnownHost(host, names) && !(isProbe && isAddress(host))) throw unknownHost(host)
    const origin = c.req.header('origin')
    if (origin !== undefined && !isKnownOrigin(origin, host, names)) throw unknownOrigin(origin)
    if (c.req.method === 'POST') demandType(c)
    await next()
  }
}

/** A browser's request must bear a type that no form and no script of another origin can send unasked. */
function demandType(c: Context): void {
  if (c.req.header('origin') === undefined && c.req.header('sec-fetch-site') === undefined) return
  const type = (c.req.header('content-type') ?? '').split(';')[0]!.trim().toLowerCase()
  const isUpload = UPLOAD.test(c.req.path)
  if (isUpload ? !SIMPLE.includes(type) : /^application\/(?:[\w.-]+\+)?json$/.test(type)) return
  const wanted = isUpload ? 'application/octet-stream (or application/xml)' : 'application/json'
  throw new Refusal(
    'unsupported_media_type',
    `Content-Type: expected ${wanted} in a request of a browser, got ${quoted(type === '' ? undefined : type)}.`,
  )
}

function unknownHost(host: string | undefined): Refusal {
  const message = `Host: expected one of the names of this gateway, got ${quoted(host)}. Add it to ALLOWED_HOSTS if it is right.`
  return new Refusal('misdirected', message)
}

function unknownOrigin(origin: string): Refusal {
  const message = `Origin: expected the address of this gateway, port included, or one in ALLOWED_ORIGINS, got ${quoted(origin)}. Add it there if it is right.`
  return new Refusal('forbidden', message)
}

function quoted(value: string | undefined): string {
  return value === undefined ? 'none' : JSON.stringify(value.slice(0, 100))
}
