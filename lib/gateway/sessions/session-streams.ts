/**
 * The streams that are open on this gateway: each tells the client of one
 * session what happens to the resources it follows, whichever gateway it
 * subscribed at and wherever the change was made.
 */
import type { Log } from '../../base/log.ts'
import { type Changes, EVERY_SCAN } from '../changes.ts'
import { noticesOf, type ScanNotice } from '../mcp/announce-changes.ts'
import { withTimeLimit } from '../../base/time-limit.ts'
import type { ScanLog } from './scan-log.ts'
import type { SessionEvent, SessionNews } from './session-news.ts'
import type { SessionStore } from './session-store.ts'
import { makeSessionStream, type SessionStream } from './session-stream.ts'

const STREAMS_MAX = 4096
const KEEP_ALIVE_MS = 15_000
const RENEWED_TOGETHER = 500
/** How long Redis may take until a stream knows what it follows. */
const OPEN_LIMIT_MS = 3000

export interface StreamWish {
  readonly session: string
  /** Up to where the client has heard; absent when it begins. */
  readonly place: string | undefined
  /** Whether the client understands an event without data. */
  readonly primed: boolean
  /** Whether whoever opened it may still listen; asked now and then. */
  readonly allowed: () => boolean
  /** Aborts when the client has left. */
  readonly signal: AbortSignal
}

export interface SessionStreams {
  readonly full: boolean
  /** Rejects when Redis does not answer soon. */
  open(wish: StreamWish): Promise<ReadableStream<Uint8Array>>
  close(): void
}

export interface StreamsOptions {
  readonly store: SessionStore
  readonly news: SessionNews
  readonly changes: Changes
  readonly scanLog: ScanLog
  readonly makeId: () => string
  /** Hears how many streams are open whenever that changes. */
  readonly onCount: (streams: number) => void
  readonly log: Log
}

interface Held {
  readonly session: string
  readonly stream: SessionStream
  readonly allowed: () => boolean
}

export function makeSessionStreams(options: StreamsOptions): SessionStreams {
  const { store, onCount, log } = options
  const held = new Set<Held>()
  const keepingAlive = setInterval(() => {
    for (const { stream } of held) stream.keepAlive()
  }, KEEP_ALIVE_MS).unref()
  const renewing = setInterval(() => {
    renew(held, store).catch((error: unknown) => log.debug('sessions were not renewed', { error: String(error) }))
  }, store.freshMs).unref()

  return {
    get full() {
      return held.size >= STREAMS_MAX
    },

    async open(wish) {
      const { session, allowed, signal } = wish
      let silence = () => {}
      const stream = makeSessionStream(() => {
        silence()
        held.delete(own)
        onCount(held.size)
      })
      const own = { session, stream, allowed }
      held.add(own)
      onCount(held.size)
      const following = follow(wish, stream, options)
      silence = following.silence
      signal.addEventListener('abort', () => stream.end(), { once: true })
      try {
        const late = () => new Error(`Redis gave no answer within ${OPEN_LIMIT_MS} ms`)
        await withTimeLimit(following.begin(), OPEN_LIMIT_MS, late)
        if (signal.aborted) stream.end()
      } catch (error) {
        stream.end()
        throw error
      }
      return stream.body
    },

    close() {
      clearInterval(keepingAlive)
      clearInterval(renewing)
      for (const { stream } of held) stream.end('stopping')
    },
  }
}

/** Keeps the sessions of open streams; ends the streams whose session is gone, or whose client may listen no more. */
async function renew(held: ReadonlySet<Held>, store: SessionStore): Promise<void> {
  for (const { allowed, stream } of held) if (!allowed()) stream.end()
  const sessions = [...new Set([...held].map(({ session }) => session))]
  for (let at = 0; at < sessions.length; at += RENEWED_TOGETHER) {
    const gone = new Set(await store.renew(sessions.slice(at, at + RENEWED_TOGETHER)))
    for (const { session, stream } of held) if (gone.has(session)) stream.end()
  }
}

/** Lets `stream` hear what its session follows. What happens before `begin` is through waits until then, so that nothing falls in between. */
function follow(wish: StreamWish, stream: SessionStream, { store, news, changes, scanLog, makeId }: StreamsOptions) {
  const name = makeId()
  let uris = new Set<string>()
  let waiting: (() => void)[] | undefined = []
  const inTurn = (work: () => void) => {
    if (waiting) waiting.push(work)
    else work()
  }
  const wanted = (notice: ScanNotice) => notice.kind === 'resources_list_changed' || uris.has(notice.uri)
  let known = false
  const hear = (event: SessionEvent) => {
    if (event.kind === 'ended') stream.end()
    // What is heard before this stream's own name was told before it was opened.
    if (event.kind === 'streaming' && event.stream === name) known = true
    else if (event.kind === 'streaming' && known) stream.end('replaced')
    if (event.kind === 'subscribed') inTurn(() => uris.add(event.uri))
    if (event.kind === 'unsubscribed') inTurn(() => uris.delete(event.uri))
  }
  const silences = [
    news.subscribe(wish.session, hear),
    changes.subscribe(EVERY_SCAN, (change, place) =>
      inTurn(() => stream.send(noticesOf(change).filter(wanted), place)),
    ),
  ]
  return {
    silence: () => silences.forEach((silence) => silence()),

    async begin() {
      await store.tell(wish.session, { kind: 'streaming', stream: name })
      const end = await scanLog.end()
      uris = await store.subscriptions(wish.session)
      const missed = wish.place === undefined ? [] : ((await scanLog.noticesAfter(wish.place)) ?? everything(uris))
      const owed = missed.filter(wanted)
      stream.begin(wish.primed ? (owed.length > 0 ? wish.place : end) : undefined)
      stream.send(owed, end)
      for (const work of waiting ?? []) work()
      waiting = undefined
    },
  }
}

/** For a client of whom nobody knows any more what it missed: it should look at all it follows. */
function everything(uris: ReadonlySet<string>): ScanNotice[] {
  return [...[...uris].map((uri) => ({ kind: 'resource_updated', uri }) as const), { kind: 'resources_list_changed' }]
}
