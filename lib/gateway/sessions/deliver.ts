/** Brings what a client sends besides requests to the call it is about, on whichever gateway that runs. */
import type { JSONRPCMessage } from '@modelcontextprotocol/server'
import { rejection } from './json-rpc.ts'
import type { SessionNews } from './session-news.ts'
import type { SessionStore } from './session-store.ts'

/** What a client may send to a call that another gateway holds. */
const MESSAGE_CHARS_MAX = 65_536

/** Rejects when another gateway must be told and Redis does not answer. */
export async function deliver(
  session: string,
  messages: readonly JSONRPCMessage[],
  { news, store }: { readonly news: SessionNews; readonly store: SessionStore },
): Promise<Response> {
  for (const message of messages) {
    // That the client is ready, how far it is, and that its roots have changed interests no call.
    if ('method' in message && message.method !== 'notifications/cancelled') continue
    if (news.tell(session, { kind: 'message', message })) continue
    if (JSON.stringify(message).length > MESSAGE_CHARS_MAX) {
      return rejection(413, `Expected an answer of at most ${MESSAGE_CHARS_MAX} characters.`)
    }
    await store.tell(session, { kind: 'message', message })
  }
  return new Response(null, { status: 202 })
}
