/**
 * What clients ask for because they know it from other servers, and what to use
 * here instead. Answered without a token: whoever asks has none yet, and a 401
 * would send a client into a sign-in that cannot succeed.
 */
import type { Hono } from 'hono'
import { Refusal } from '../../base/errors.ts'
import type { GatewayEnv } from './environment.ts'
import { problemResponse } from './problem.ts'

/** Where clients look for an authorization server, at the root, below the endpoint, and behind the address it protects. */
const DISCOVERY = /^(?:\/mcp)?\/\.well-known\/(?:oauth-[a-z-]+|openid-configuration)(?:\/.*)?$/
/** Where they go when they have found none. */
const SIGN_IN = /^\/(?:register|token|authorize)\/?$/
/** The transport of 2024-11-05: a stream at one address, messages to another. */
const OLD_TRANSPORT = /^\/(?:sse|messages?)(?:\/.*)?$/

const TOKEN_WANTED =
  'This server signs nobody in: there is no OAuth here. Configure the client to send the header "Authorization: Bearer <token>" ' +
  'with a token that an administrator made with `nessus-mcp token new`.'
const NO_TOKEN_WANTED =
  'This server signs nobody in, and wants no token either: configure the client without authentication.'
const NO_OLD_TRANSPORT =
  'The HTTP+SSE transport of protocol 2024-11-05 (GET /sse) is not served. Use the Streamable HTTP transport at /mcp ' +
  '(in a client\'s configuration: "type": "http"), which answers clients of every revision, or `nessus-mcp stdio`; a client that knows neither can go through mcp-remote.'

export function absentProtocols(app: Hono<GatewayEnv>, { locked }: { readonly locked: boolean }): void {
  const wanted = locked ? TOKEN_WANTED : NO_TOKEN_WANTED
  app.use(async (c, next) => {
    const { path } = c.req
    if (DISCOVERY.test(path)) return problemResponse(new Refusal('not_found', wanted))
    if (OLD_TRANSPORT.test(path)) return problemResponse(new Refusal('not_found', NO_OLD_TRANSPORT))
    // In OAuth's own form: it is OAuth's client that reads it, and shows its user the sentence.
    if (SIGN_IN.test(path)) return c.json({ error: 'access_denied', error_description: wanted }, 400)
    return next()
  })
}
