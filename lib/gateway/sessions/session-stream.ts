/**
 * The stream of one session, from the server to its client: server-sent events.
 * Each carries the place of the log up to which the client has now heard, so
 * that it can go on from there, on any gateway.
 */
import type { ScanNotice } from '../mcp/announce-changes.ts'

/** The stream of a client that reads so slowly is ended; when it connects again it hears what it missed. */
const WAITING_MAX = 1000
/** What a client waits before it comes back: a gateway that restarts is there again by then. */
export const RETRY_MS = 10_000
/** The same when another stream has taken this one's place: a client that holds both must not reconnect to each in turn. */
const REPLACED_RETRY_MS = 15_000

export interface SessionStream {
  readonly body: ReadableStream<Uint8Array>
  /** Lets the client see that it is there; `place` is from where a break would be made good, for clients that understand an event without data. */
  begin(place: string | undefined): void
  /** Sends notices in one go; `place` is behind the last of them. */
  send(notices: readonly ScanNotice[], place: string): void
  /** Lets proxies and the client see that it is alive. */
  keepAlive(): void
  end(why?: 'replaced' | 'stopping'): void
}

/** What a stream says last, for whoever reads along: a stop is no crash, and another gateway goes on from here. */
const GOODBYES = {
  replaced: `: goodbye, another stream of this session was opened\nretry: ${REPLACED_RETRY_MS}\n\n`,
  stopping: `: goodbye, this gateway stops; come back with Last-Event-ID\nretry: ${RETRY_MS}\n\n`,
} as const

/** `left` is called once, when the stream has ended, whoever ended it. */
export function makeSessionStream(left: () => void): SessionStream {
  const encoder = new TextEncoder()
  let controller: ReadableStreamDefaultController<Uint8Array> | undefined
  const leave = () => {
    controller = undefined
    left()
  }
  const body = new ReadableStream<Uint8Array>(
    {
      start(given) {
        controller = given
      },
      cancel: leave,
    },
    { highWaterMark: WAITING_MAX },
  )
  const write = (text: string) => {
    if (!controller) return
    controller.enqueue(encoder.encode(text))
    if ((controller.desiredSize ?? 0) <= 0) end()
  }
  const end = (why?: keyof typeof GOODBYES) => {
    if (!controller) return
    const ending = controller
    if (why) ending.enqueue(encoder.encode(GOODBYES[why]))
    leave()
    ending.close()
  }
  return {
    body,
    begin: (place) => write(`${place === undefined ? ': open' : `id: ${place}\ndata: `}\nretry: ${RETRY_MS}\n\n`),
    send(notices, place) {
      const last = notices.length - 1
      // Only the last one bears the place: whoever is cut off between two of them hears all of them again.
      const events = notices.map((notice, at) => eventOf(notice, at === last ? place : undefined))
      if (events.length > 0) write(events.join(''))
    },
    keepAlive: () => write(': keepalive\n\n'),
    end,
  }
}

function eventOf(notice: ScanNotice, place: string | undefined): string {
  const id = place === undefined ? '' : `id: ${place}\n`
  return `event: message\n${id}data: ${JSON.stringify({ jsonrpc: '2.0', ...notificationOf(notice) })}\n\n`
}

function notificationOf(notice: ScanNotice): { readonly method: string; readonly params?: { readonly uri: string } } {
  if (notice.kind === 'resources_list_changed') return { method: 'notifications/resources/list_changed' }
  return { method: 'notifications/resources/updated', params: { uri: notice.uri } }
}
