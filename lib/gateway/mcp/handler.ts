/**
 * MCP over HTTP: one endpoint for the protocol of 2026-07-28 and for all before
 * it. Any gateway can answer any request: statelessly, or within a session that
 * all gateways know.
 */
import { defined } from '../../base/defined.ts'
import {
  createMcpHandler,
  InMemoryServerEventBus,
  isLegacyRequest,
  type AuthInfo,
  type McpServerFactory,
  type ServerEventBus,
} from '@modelcontextprotocol/server'
import { Refusal } from '../../base/errors.ts'
import { isUnwieldy, JSON_DEPTH_MAX, JSON_VALUES_MAX } from '../../base/json-depth.ts'
import type { Log } from '../../base/log.ts'
import { readToolsets, type Toolset, TOOLSETS_UNASKED } from '../../runtime/toolset.ts'
import { ANYBODY, type Identity } from '../auth/identity.ts'
import { rejection } from '../sessions/json-rpc.ts'
import { RETRY_MS } from '../sessions/session-stream.ts'
import type { Sessions } from '../sessions/sessions.ts'
import type { MakeServer, Visit } from './call-context.ts'
import { lenientAccept } from './lenient-accept.ts'

const KEEP_ALIVE_MS = 15_000
/** Never reached: http/caller-limits.ts counts streams by caller before. */
const SUBSCRIPTIONS_MAX = 8192
const BATCH_MAX = 100
const LIVES_ON_MS = 86_400_000
const LISTEN = 'subscriptions/listen'
const NO_STREAM =
  'Method not allowed: GET and DELETE need the Mcp-Session-Id that initialize gave. The HTTP+SSE transport of 2024-11-05, which begins with a GET, is not served: use Streamable HTTP (POST to this address).'

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
  fetch(request: Request, visit: Visit): Promise<Response>
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
  let isClosed = false
  return {
    events,
    async fetch(request, guest) {
      const { identity } = guest
      const toolsets = toolsetsAsked(request, identity)
      if (typeof toolsets === 'string') return rejection(400, toolsets)
      const visit = { ...guest, toolsets }
      const authInfo: AuthInfo = {
        token: '',
        clientId: identity.name ?? '',
        scopes: [...identity.scopes],
        // The token was looked at when the request came in; the SDK demands a time all the same.
        expiresAt: Math.ceil((now() + LIVES_ON_MS) / 1000),
      }
      visits.set(authInfo, visit)
      const { asked, parsedBody } = await readMessage(lenientAccept(request))
      const unfit = unfitMessage(parsedBody)
      if (unfit !== undefined) return rejection(400, unfit)
      if (await isLegacyRequest(asked, parsedBody)) {
        const answer = await sessions.answer(asked, parsedBody, visit, authInfo)
        if (answer) return answer
        if (asked.method !== 'POST') return rejection(405, NO_STREAM, { allow: 'POST' })
      }
      // A call whose body was still coming in when the gateway stopped: another one takes it.
      if (isClosed) throw new Refusal('unavailable', 'This gateway is stopping. Nothing was done; try again.')
      const tool = request.headers.get('mcp-name')
      const handler = tool !== null && isSlow(tool) ? patient : prompt
      const response = await handler.fetch(asked, { authInfo, ...defined({ parsedBody }) })
      return request.headers.get('mcp-method') === LISTEN ? sayRetry(response) : response
    },
    async close() {
      isClosed = true
      await Promise.all([prompt.close(), patient.close()])
    },
  }
}

/** The URL's word counts (`/mcp?toolset=all`), else that of the token; a sentence when it asks for what there is not. */
function toolsetsAsked({ url }: Request, { toolsets }: Identity): ReadonlySet<Toolset> | string {
  const asked = new URL(url).searchParams.get('toolset')
  if (asked === null) return toolsets ?? TOOLSETS_UNASKED
  try {
    return readToolsets(asked)
  } catch (error) {
    if (error instanceof Refusal) return error.message
    throw error
  }
}

/** Why what came is not looked at; `undefined` when it is fit to be. */
function unfitMessage(body: unknown): string | undefined {
  if (Array.isArray(body) && body.length > BATCH_MAX) {
    return `A batch holds at most ${BATCH_MAX} messages, this one ${body.length}: send several.`
  }
  return isUnwieldy(body)
    ? `A message holds at most ${JSON_VALUES_MAX} values, nested at most ${JSON_DEPTH_MAX} deep; this one more.`
    : undefined
}

/**
 * The message that came. Only its body tells of which protocol it is: a proxy that speaks both (mcp-remote) sends the
 * headers of the newer one with messages of the older. What is no JSON is left to be answered as such.
 */
async function readMessage(request: Request): Promise<{ readonly asked: Request; readonly parsedBody?: unknown }> {
  if (request.method !== 'POST') return { asked: request }
  const text = await request.text()
  try {
    return { asked: request, parsedBody: JSON.parse(text) as unknown }
  } catch {
    return { asked: new Request(request.url, { method: 'POST', headers: request.headers, body: text }) }
  }
}

/** Lets a stream of the newer protocol tell its client, too, when to come back. */
function sayRetry(response: Response): Response {
  if (!response.body || !response.headers.get('content-type')?.startsWith('text/event-stream')) return response
  const { readable, writable } = new TransformStream<Uint8Array, Uint8Array>({
    start: (controller) => controller.enqueue(new TextEncoder().encode(`retry: ${RETRY_MS}\n\n`)),
  })
  // Whoever leaves ends the stream behind it, by the pipe.
  response.body.pipeTo(writable).catch(() => {})
  return new Response(readable, { status: response.status, headers: response.headers })
}
