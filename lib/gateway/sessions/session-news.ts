/**
 * What gateways tell each other of sessions, through one bounded stream that
 * all of them follow: a request of a session may reach any gateway, while its
 * stream, and the calls that still run for it, are with others.
 */
import { type JSONRPCMessage, parseJSONRPCMessage } from '@modelcontextprotocol/server'
import type { Log } from '../../base/log.ts'
import { type Listener, makeListeners } from '../listeners.ts'

export type SessionEvent =
  | { readonly kind: 'subscribed' | 'unsubscribed'; readonly uri: string }
  /** A new stream was opened; those before it end. */
  | { readonly kind: 'streaming'; readonly stream: string }
  /** The client sent what is no request: an answer to something it was asked, or that it cancels a call. */
  | { readonly kind: 'message'; readonly message: JSONRPCMessage }
  | { readonly kind: 'ended' }

export interface SessionNews {
  /** Hears what is told of one session; returns what ends it. */
  subscribe(session: string, listener: Listener<SessionEvent>): () => void
  /** Tells those within this gateway; whether one of them was meant. */
  tell(session: string, event: SessionEvent): boolean
  /** Takes an entry of the stream. */
  readonly hear: (fields: Readonly<Record<string, string>>) => void
}

export function makeSessionNews(log: Log): SessionNews {
  const listeners = makeListeners<SessionEvent>()
  return {
    subscribe: (session, listener) => listeners.add(session, listener),
    tell: (session, event) => listeners.tell(session, event),
    hear({ session = '', kind = '', value = '' }) {
      try {
        const event = readEvent(kind, value)
        if (event) listeners.tell(session, event)
      } catch (error) {
        log.warn('news of a session cannot be read', { kind, error: String(error) })
      }
    },
  }
}

/** The fields of an entry beside the session. */
export function entryOf(event: SessionEvent): { readonly kind: string; readonly value: string } {
  switch (event.kind) {
    case 'subscribed':
    case 'unsubscribed':
      return { kind: event.kind, value: event.uri }
    case 'streaming':
      return { kind: event.kind, value: event.stream }
    case 'message':
      return { kind: event.kind, value: JSON.stringify(event.message) }
    case 'ended':
      return { kind: event.kind, value: '' }
  }
}

/** `undefined` for what a newer gateway may say one day. */
function readEvent(kind: string, value: string): SessionEvent | undefined {
  switch (kind) {
    case 'subscribed':
    case 'unsubscribed':
      return { kind, uri: value }
    case 'streaming':
      return { kind, stream: value }
    case 'message':
      return { kind, message: parseJSONRPCMessage(JSON.parse(value)) }
    case 'ended':
      return { kind }
    default:
      return undefined
  }
}
