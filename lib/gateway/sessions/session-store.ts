/**
 * What a gateway asks of the store of sessions. It is shared, so that any gateway
 * can serve any request of any of them. A session is one small record, and lapses
 * when nobody has used it for the idle time.
 *
 *   SE1. There are at most so many. When all places are taken, the one unused for longest is ended to make room, if it is really unused; else there is no new one.
 *        A caller with a token has at most so many of those: its next one takes the place of one of its own. Without tokens nobody can be told apart.
 *   SE2. Only the caller who opened a session finds it.
 *   SE3. A change of subscriptions is told to all gateways in the step that makes it, so what changes after the client has its answer is not missed.
 */
import type { InitializeRequest } from '@modelcontextprotocol/server'
import type { SessionEvent } from './session-news.ts'

/** What a client said of itself when it came. */
export type SessionClient = InitializeRequest['params']

export interface SessionStore {
  /** Where gateways hear what others tell of sessions. */
  readonly newsKey: string
  /** How often a session that is in use must be used or renewed. */
  readonly freshMs: number
  /** A new session, by its id; `undefined` when there is no room for one. */
  open(client: SessionClient, caller: string): Promise<string | undefined>
  /** Marks the session as used, and tells what its client said of itself; `undefined` when this caller has no such session. */
  use(id: string, caller: string): Promise<SessionClient | undefined>
  /** Marks sessions as used; those that are gone. */
  renew(ids: readonly string[]): Promise<readonly string[]>
  subscribe(id: string, uri: string): Promise<'done' | 'gone' | 'full'>
  unsubscribe(id: string, uri: string): Promise<void>
  /** The addresses it is subscribed to. */
  subscriptions(id: string): Promise<Set<string>>
  /** Whether there was such a session of this caller. */
  end(id: string, caller: string): Promise<boolean>
  /** Tells all gateways. */
  tell(id: string, event: SessionEvent): Promise<void>
  count(): Promise<number>
}

export interface SessionBounds {
  /** A session that nobody used for so long is gone. */
  readonly idleMs: number
  /** 0 for none. */
  readonly sessionsMax: number
  /** Of one token. */
  readonly sessionsMaxPerCaller: number
}

/** Resources that one session follows. */
export const SUBSCRIPTIONS_MAX = 500
/** News that are kept for gateways which are a little behind. */
export const NEWS_MAX = 1000
const SPARED_MS = 300_000
const FRESH_MS = 60_000
const CLIENT_CHARS_MAX = 16_384
const ID = /^[\w-]{16,64}$/

/** A session that was used within so long is never ended to make room for another. */
export const sparedMsOf = ({ idleMs }: SessionBounds): number => Math.min(SPARED_MS, idleMs / 2)

/** Uses closer together than this are written down once. */
export const freshMsOf = ({ idleMs }: SessionBounds): number => Math.min(FRESH_MS, Math.floor(idleMs / 4))

/** How many sessions this caller may have; without a name there is only the bound on all. */
export function ownMaxOf({ sessionsMax, sessionsMaxPerCaller }: SessionBounds, caller: string): number {
  return caller === '' ? sessionsMax + 1 : Math.min(sessionsMaxPerCaller, sessionsMax)
}

/** Whether an id can have been given out; any other reaches no store. */
export const mayBeSession = (id: string): boolean => ID.test(id)

/** What is kept of what a client said of itself; `undefined` when it says too much. */
export function clientText({ protocolVersion, capabilities, clientInfo }: SessionClient): string | undefined {
  const text = JSON.stringify({ protocolVersion, capabilities, clientInfo })
  return text.length > CLIENT_CHARS_MAX ? undefined : text
}
