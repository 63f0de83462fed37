/**
 * CORS: lets pages of the origins that ALLOWED_ORIGINS names read the answers.
 * A page of any other origin was refused by the guard before.
 */
import type { MiddlewareHandler } from 'hono'

const PREFLIGHT: Readonly<Record<string, string>> = {
  'access-control-allow-methods': 'GET, HEAD, POST, DELETE, OPTIONS',
  'access-control-allow-headers':
    'Authorization, Content-Type, Accept, Mcp-Session-Id, MCP-Protocol-Version, Mcp-Method, Mcp-Name, Last-Event-ID, ' +
    'X-Idempotency-Key, Traceparent, If-None-Match, If-Range, Range',
  'access-control-max-age': '600',
}
/** What a page may read beside the body. */
const EXPOSED =
  'Mcp-Session-Id, MCP-Protocol-Version, WWW-Authenticate, Retry-After, ETag, Content-Disposition, Content-Range, Accept-Ranges'

/** A preflight is answered here: a browser sends it without the token, so it must not get as far as the check of one. */
export function cors(allowedOrigins: readonly string[]): MiddlewareHandler {
  const allowed = new Set(allowedOrigins)
  return async (c, next) => {
    const origin = c.req.header('origin')?.toLowerCase()
    if (origin === undefined || !allowed.has(origin)) return next()
    if (c.req.method === 'OPTIONS' && c.req.header('access-control-request-method') !== undefined) {
      return c.body(null, 204, { ...PREFLIGHT, ...originHeaders(origin) })
    }
    await next()
    for (const [name, value] of Object.entries(originHeaders(origin))) c.res.headers.set(name, value)
    c.res.headers.set('access-control-expose-headers', EXPOSED)
  }
}

const originHeaders = (origin: string) => ({ 'access-control-allow-origin': origin, vary: 'Origin' })
