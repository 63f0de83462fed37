/** Answers one request of a session, by a server that lives as long as the answer takes. */
import {
  type AuthInfo,
  isJSONRPCNotification,
  isJSONRPCRequest,
  type JSONRPCMessage,
  type RequestId,
} from '@modelcontextprotocol/server'
import type { MakeServer, Visit } from '../mcp/call-context.ts'
import type { SessionNews } from './session-news.ts'
import type { SessionClient } from './session-store.ts'
import { SessionTransport } from './session-transport.ts'
import { watchBody } from './watched-body.ts'

const KEEP_ALIVE_MS = 15_000

export interface ExchangeOptions {
  readonly makeServer: MakeServer
  readonly news: SessionNews
  readonly bodyBytesMax: number
  /** A new name that nobody can guess. */
  readonly makeId: () => string
  /** Exchanges under way: what ends each. */
  readonly open: Set<() => void>
}

export interface SessionRequest {
  readonly request: Request
  /** The body of `request`. */
  readonly messages: readonly JSONRPCMessage[]
  readonly body: unknown
  readonly session: string
  /** Absent for the request with which the client introduces itself, and when nobody knows. */
  readonly client: SessionClient | undefined
  readonly visit: Visit
  readonly authInfo: AuthInfo
}

/** Answers, and ends when the answer is out, the client has left or canceled, or the session ends. */
export async function answerInSession(asked: SessionRequest, options: ExchangeOptions): Promise<Response> {
  const { request, messages, session, client, authInfo } = asked
  const server = options.makeServer(asked.visit, { era: 'legacy', authInfo, requestInfo: request })
  const transport = new SessionTransport(options.makeId(), {
    keepAliveMs: KEEP_ALIVE_MS,
    maxRequestBodySize: options.bodyBytesMax,
  })
  const ids = messages.filter((message) => isJSONRPCRequest(message)).map(({ id }) => id)
  const unsubscribe = options.news.subscribe(session, (event) => {
    if (event.kind === 'ended') end()
    if (event.kind !== 'message') return false
    if (transport.answer(event.message)) return true
    if (!cancels(event.message, ids)) return false
    transport.onmessage?.(event.message)
    // Nothing is said about a canceled call, so its stream would stay open for nothing.
    if (ids.length === 1) end()
    return true
  })
  const end = () => {
    if (!options.open.delete(end)) return
    unsubscribe()
    request.signal.removeEventListener('abort', end)
    void server.close()
    void transport.close()
  }
  options.open.add(end)
  request.signal.addEventListener('abort', end)
  try {
    await server.connect(transport)
    if (client) await transport.introduce(client)
    const response = await transport.handleRequest(request, { authInfo, parsedBody: asked.body })
    if (request.signal.aborted) end()
    return watchBody(response, end)
  } catch (error) {
    end()
    throw error
  }
}

function cancels(message: JSONRPCMessage, ids: readonly RequestId[]): boolean {
  if (!isJSONRPCNotification(message) || message.method !== 'notifications/cancelled') return false
  return ids.includes(message.params?.['requestId'] as RequestId)
}
