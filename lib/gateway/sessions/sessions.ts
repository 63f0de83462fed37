/**
 * Sessions of the older protocol: what a client of it needs to be told things
 * without asking. A session is an addition: each of its requests is answered by
 * a server of its own, on any gateway, just as it would be without. States:
 *
 *   none → open      `initialize`, when there is room; without room the client is served all the same, without a session
 *   open → open      any request that bears its id, at any gateway; a GET opens the stream on which it is told of changes
 *   open → none      DELETE, or nobody used it for the idle time
 *
 *   SE4. A request that bears the id of no session, or of another caller's, is answered 404: its client begins anew.
 *   SE5. When Redis cannot be asked, calls are answered as without a session, and streams are refused for the moment.
 */
import {
  type AuthInfo,
  isInitializeRequest,
  isJSONRPCRequest,
  isJsonContentType,
  ProtocolError,
  ProtocolErrorCode,
} from '@modelcontextprotocol/server'
import type { Log } from '../../base/log.ts'
import type { Identity } from '../auth/identity.ts'
import type { MakeServer, Subscriptions, Visit } from '../mcp/call-context.ts'
import { withTimeLimit } from '../../base/time-limit.ts'
import { deliver } from './deliver.ts'
import { noSession, rejection } from './json-rpc.ts'
import { answerInSession, type ExchangeOptions } from './session-exchange.ts'
import { acceptsStream, callerOf, isPrimed, placeOf, readMessages, wrongVersion } from './session-request.ts'
import type { SessionClient, SessionStore } from './session-store.ts'
import { makeSessionStreams, type SessionStreams, type StreamsOptions } from './session-streams.ts'

/** How long Redis may take to say what it knows of a session. */
const LOOK_LIMIT_MS = 2000

export interface SessionsOptions extends StreamsOptions {
  readonly makeServer: MakeServer
  readonly bodyBytesMax: number
  /** Throws when the `Authorization` header opens nothing any more. */
  readonly identify: (authorization: string | null) => Identity
}

export interface Sessions {
  /** Answers a request of the older protocol that begins a session or belongs to one; `undefined` when it is to be served without. */
  answer(request: Request, body: unknown, visit: Visit, authInfo: AuthInfo): Promise<Response | undefined>
  /** Ends the streams and calls of this gateway; the sessions go on at the others. */
  close(): void
}

interface Arrival {
  readonly request: Request
  readonly body: unknown
  readonly visit: Visit
  readonly authInfo: AuthInfo
}

interface Serving extends SessionsOptions {
  readonly streams: SessionStreams
  readonly exchanges: ExchangeOptions
}

export function makeSessions(options: SessionsOptions): Sessions {
  const { log } = options
  const streams = makeSessionStreams(options)
  const exchanges = { ...options, open: new Set<() => void>() }
  const serving: Serving = { ...options, streams, exchanges }
  return {
    async answer(request, body, visit, authInfo) {
      const arrival = { request, body, visit, authInfo }
      if (request.method === 'POST' && isInitializeRequest(body)) return begin(arrival, body.params, serving)
      const session = request.headers.get('mcp-session-id')
      const serve = { POST: post, GET: listen, DELETE: end }[request.method]
      if (session === null || !serve) return undefined
      try {
        return wrongVersion(request) ?? (await serve(arrival, session, serving))
      } catch (error) {
        log.warn('a session could not be served', { error: String(error) })
        return rejection(503, 'Redis cannot be reached, so nothing is known of this session: try again soon.')
      }
    },

    close() {
      streams.close()
      for (const endExchange of exchanges.open) endExchange()
    },
  }
}

async function begin(arrival: Arrival, client: SessionClient, serving: Serving): Promise<Response | undefined> {
  const { store, exchanges } = serving
  const caller = callerOf(arrival.visit)
  const session = await look(store.open(client, caller), serving).catch(() => undefined)
  if (session === undefined) return undefined
  const asked = { ...inSession(arrival, session, serving), messages: readMessages(arrival.body), client: undefined }
  const response = await answerInSession(asked, exchanges)
  if (response.status === 200) response.headers.set('mcp-session-id', session)
  else await store.end(session, caller)
  return response
}

async function post(arrival: Arrival, session: string, serving: Serving): Promise<Response> {
  const { request, body, visit } = arrival
  let client: SessionClient | undefined
  try {
    client = await look(serving.store.use(session, callerOf(visit)), serving)
    if (!client) return noSession()
  } catch {
    // As without a session: what the client said of itself is not known.
  }
  const messages = readMessages(body)
  if (messages.length > 0 && !messages.some((message) => isJSONRPCRequest(message))) {
    return isJsonContentType(request.headers.get('content-type'))
      ? deliver(session, messages, serving)
      : rejection(415, 'Unsupported Media Type: Content-Type must be application/json')
  }
  const asked = { ...inSession(arrival, session, serving), messages, client }
  const response = await answerInSession(asked, serving.exchanges)
  if (response.ok) response.headers.set('mcp-session-id', session)
  return response
}

async function listen({ request, visit }: Arrival, session: string, serving: Serving): Promise<Response> {
  const { store, streams, identify } = serving
  if (!acceptsStream(request)) return rejection(406, 'Not Acceptable: Client must accept text/event-stream')
  const caller = callerOf(visit)
  if (!(await look(store.use(session, caller), serving))) return noSession()
  if (streams.full) return rejection(503, 'This gateway holds as many streams as it can: try again soon.')
  const authorization = request.headers.get('authorization')
  const wish = {
    session,
    place: placeOf(request.headers.get('last-event-id')),
    primed: isPrimed(request),
    allowed: () => mayListen(() => identify(authorization), caller),
    signal: request.signal,
  }
  const body = await streams.open(wish)
  return new Response(body, { headers: { ...STREAM_HEADERS, 'mcp-session-id': session } })
}

async function end({ visit }: Arrival, session: string, serving: Serving): Promise<Response> {
  const ended = await look(serving.store.end(session, callerOf(visit)), serving)
  return ended ? new Response(null, { status: 200 }) : noSession()
}

const STREAM_HEADERS = {
  'content-type': 'text/event-stream',
  'cache-control': 'no-cache, no-transform',
  'x-accel-buffering': 'no',
}

/** Waits for Redis, but not for long. */
function look<T>(work: Promise<T>, { log }: { readonly log: Log }): Promise<T> {
  const looked = withTimeLimit(work, LOOK_LIMIT_MS, () => new Error(`Redis gave no answer within ${LOOK_LIMIT_MS} ms`))
  looked.catch((error: unknown) => log.debug('a session could not be looked up', { error: String(error) }))
  return looked
}

const inSession = ({ visit, ...arrival }: Arrival, session: string, { store }: Serving) => ({
  ...arrival,
  session,
  visit: { ...visit, subscriptions: subscriptionsOf(session, store) },
})

function subscriptionsOf(session: string, store: SessionStore): Subscriptions {
  return {
    async add(uri) {
      const outcome = await store.subscribe(session, uri)
      if (outcome === 'done') return
      const why =
        outcome === 'full' ? 'This session follows as much as it may: unsubscribe first.' : 'This session has ended.'
      throw new ProtocolError(ProtocolErrorCode.InvalidParams, why)
    },
    remove: (uri) => store.unsubscribe(session, uri),
  }
}

function mayListen(identify: () => Identity, caller: string): boolean {
  try {
    return (identify().name ?? '') === caller
  } catch {
    return false
  }
}
