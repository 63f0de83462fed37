/**
 * MCP over HTTP: one endpoint for the protocol of 2026-07-28 and, statelessly,
 * for all before it, so that any gateway can answer any request.
 */
import {
  createMcpHandler,
  InMemoryServerEventBus,
  McpServer,
  type AuthInfo,
  type McpRequestContext,
  type McpServerFactory,
  type ServerEventBus,
} from '@modelcontextprotocol/server'
import type { Log } from '../../base/log.ts'
import { ANYBODY, type Identity } from '../auth/identity.ts'
import { lenientAccept } from './lenient-accept.ts'
import type { Visit } from './call-context.ts'

const KEEP_ALIVE_MS = 15_000
const SUBSCRIPTIONS_MAX = 1024
const LIVES_ON_MS = 86_400_000

/** Makes the server that answers one request of one caller. */
export type MakeServer = (visit: Visit, request: McpRequestContext) => McpServer

export interface McpHandlerOptions {
  readonly makeServer: MakeServer
  /** Tools whose first byte must be sent at once, since their answer may take long. */
  readonly isSlow: (tool: string) => boolean
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

export function makeMcpHandler({ makeServer, isSlow, bodyBytesMax, now, log }: McpHandlerOptions): McpHandler {
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
    fetch(request, identity, traceparent) {
      const authInfo: AuthInfo = {
        token: '',
        clientId: identity.name ?? '',
        scopes: [...identity.scopes],
        // The token was looked at when the request came in; the SDK demands a time all the same.
        expiresAt: Math.ceil((now() + LIVES_ON_MS) / 1000),
      }
      visits.set(authInfo, { identity, traceparent })
      const tool = request.headers.get('mcp-name')
      const handler = tool !== null && isSlow(tool) ? patient : prompt
      return handler.fetch(lenientAccept(request), { authInfo })
    },
    async close() {
      await Promise.all([prompt.close(), patient.close()])
    },
  }
}
