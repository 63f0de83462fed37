/**
 * MCP over HTTP: one endpoint for the protocol of 2026-07-28 and for all before
 * it. Any gateway can answer any request: statelessly, or within a session that
 * all gateways know.
 */
import {
  createMcpHandler,
  InMemoryServerEventBus,
  isLegacyRequest,
  type AuthInfo,
  type McpServerFactory,
  type ServerEventBus,
} from '@modelcontextprotocol/server'
import type { Log } from '../../base/log.ts'
import { ANYBODY, type Identity } from '../auth/identity.ts'
import type { Sessions } from '../sessions/sessions.ts'
import type { MakeServer, Visit } from './call-context.ts'
import { lenientAccept } from './lenient-accept.ts'

const KEEP_ALIVE_MS = 15_000
const SUBSCRIPTIONS_MAX = 1024
const LIVES_ON_MS = 86_400_000

export interface McpHandlerOptions {
  readonly makeServer: MakeServer
  /** Tools whose first byte must be sent at once, since their answer may take long. */
  readonly isSlow: (tool: string) => boolean
  readonly sessions: Pick<Sessions, 'answer'>
  readonly bodyBytesMax: number
  readonly now: () => number
  readonly log: Log
}

export interface McpHandler {
  fetch(request: Request, identity: Identity, traceparent: string): Promise<Response>
  /** Where changes are told to those who listen. */
  readonly events: ServerEventBus
  close(): Promise<void>
}

export function makeMcpHandler(given: McpHandlerOptions): McpHandler {
  const { makeServer, isSlow, sessions, bodyBytesMax, now, log } = given
  const onerror = (error: Error) => log.debug('mcp', { error: error.message })
  const events = new InMemoryServerEventBus(onerror)
  const visits = new WeakMap<AuthInfo, Visit>()
  const factory: McpServerFactory = (context) => {
    const visit = context.authInfo && visits.get(context.authInfo)
    return makeServer(visit ?? { identity: ANYBODY, traceparent: '' }, context)
  }
  const shared = { bus: events, onerror, keepAliveMs: KEEP_ALIVE_MS, maxRequestBodySize: bodyBytesMax }
  const options = { ...shared, maxSubscriptions: SUBSCRIPTIONS_MAX }
  const prompt = createMcpHandler(factory, { ...options, responseMode: 'auto' })
  const patient = createMcpHandler(factory, { ...options, responseMode: 'sse' })
  return {
    events,
    async fetch(request, identity, traceparent) {
      const authInfo: AuthInfo = {
        token: '',
        clientId: identity.name ?? '',
        scopes: [...identity.scopes],
        // The token was looked at when the request came in; the SDK demands a time all the same.
        expiresAt: Math.ceil((now() + LIVES_ON_MS) / 1000),
      }
      const visit = { identity, traceparent }
      visits.set(authInfo, visit)
      const accepting = lenientAccept(request)
      const older = await olderRequest(accepting)
      const answer = older && (await sessions.answer(accepting, older.parsedBody, visit, authInfo))
      if (answer) return answer
      const tool = request.headers.get('mcp-name')
      const handler = tool !== null && isSlow(tool) ? patient : prompt
      return handler.fetch(accepting, { authInfo, ...older })
    },
    async close() {
      await Promise.all([prompt.close(), patient.close()])
    },
  }
}

/** The body of a request of the older protocol; `undefined` for the newer one, and for what cannot be read. */
async function olderRequest(request: Request): Promise<{ readonly parsedBody?: unknown } | undefined> {
  // Only the newer protocol names the method in a header: its requests need not be read twice.
  if (request.headers.has('mcp-method')) return undefined
  if (request.method !== 'POST') return {}
  try {
    const parsedBody: unknown = await request.clone().json()
    return (await isLegacyRequest(request, parsedBody)) ? { parsedBody } : undefined
  } catch {
    return undefined
  }
}
