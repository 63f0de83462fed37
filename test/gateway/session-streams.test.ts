/** One stream of a session by itself: what it hears while it is being opened, and how it ends. */
import { setImmediate as turn } from 'node:timers/promises'
import { afterEach, describe, expect, test } from 'vitest'
import { silentLog } from '../../lib/base/log.ts'
import { makeChanges } from '../../lib/gateway/changes.ts'
import { makeSessionNews, type SessionEvent } from '../../lib/gateway/sessions/session-news.ts'
import type { SessionStore } from '../../lib/gateway/sessions/session-store.ts'
import { makeSessionStream } from '../../lib/gateway/sessions/session-stream.ts'
import { makeSessionStreams, type SessionStreams } from '../../lib/gateway/sessions/session-streams.ts'
import { watchBody } from '../../lib/gateway/sessions/watched-body.ts'
import { readStream } from './support/older-requests.ts'

const SESSION = 'session'
const URI = 'nessus://scans/x'
const opened: SessionStreams[] = []
afterEach(() => opened.splice(0).forEach((streams) => streams.close()))

/** Streams over a store that answers when the test lets it. */
function makeStage() {
  const news = makeSessionNews(silentLog)
  const changes = makeChanges()
  const told: SessionEvent[] = []
  const counts: number[] = []
  let load = (_uris: Set<string>) => {}
  const subscriptions = new Promise<Set<string>>((resolve) => {
    load = resolve
  })
  const store = {
    freshMs: 60_000,
    tell: async (_id: string, event: SessionEvent) => void told.push(event),
    subscriptions: () => subscriptions,
  } as unknown as SessionStore
  const streams = makeSessionStreams({
    store,
    news,
    changes,
    scanLog: { end: async () => '5-0', noticesAfter: async () => [] },
    makeId: () => 'own',
    onCount: (count) => counts.push(count),
    log: silentLog,
  })
  opened.push(streams)
  const leaving = new AbortController()
  const open = () =>
    streams.open({
      session: SESSION,
      place: undefined,
      primed: false,
      allowed: () => true,
      signal: leaving.signal,
    })
  const change = (place: string) => changes.hear({ task: 'x', status: 'running', revision: '2' }, place)
  return { news, told, counts, load, open, change, streams, leaving, changes }
}

const read = (body: ReadableStream<Uint8Array>) => readStream(new Response(body))

describe('a stream that is being opened', () => {
  test('misses nothing of what is subscribed and changed meanwhile', async () => {
    const { news, load, open, change } = makeStage()
    const opening = open()
    await turn()
    news.tell(SESSION, { kind: 'subscribed', uri: URI })
    change('6-0')
    news.tell(SESSION, { kind: 'unsubscribed', uri: URI })
    change('7-0')
    news.tell(SESSION, { kind: 'subscribed', uri: URI })
    change('8-0')
    load(new Set())
    const stream = read(await opening)
    expect((await stream.next())?.id).toBe('6-0')
    expect((await stream.next())?.id).toBe('8-0')
  })

  test('is not ended by one that was opened before it and is heard of later', async () => {
    const { news, told, load, open, change } = makeStage()
    load(new Set([URI]))
    const stream = read(await open())
    news.tell(SESSION, { kind: 'streaming', stream: 'before' })
    for (const event of told) news.tell(SESSION, event)
    change('6-0')
    expect((await stream.next())?.id).toBe('6-0')
    news.tell(SESSION, { kind: 'streaming', stream: 'after' })
    expect(await stream.event()).toMatchObject({ retry: '15000' })
    expect(await stream.event()).toBeUndefined()
  })

  test.each(['before', 'during', 'after'])('is not left behind by a client that goes %s it', async (when) => {
    const { load, open, leaving, counts, news } = makeStage()
    if (when === 'before') leaving.abort()
    const opening = open()
    await turn()
    if (when === 'during') leaving.abort()
    load(new Set())
    const body = await opening
    if (when === 'after') leaving.abort()
    expect(await read(body).next()).toBeUndefined()
    expect(counts).toEqual([1, 0])
    expect(news.tell(SESSION, { kind: 'ended' })).toBe(false)
  })
})

describe('a stream', () => {
  test('that its client leaves is forgotten', async () => {
    const { load, open, counts } = makeStage()
    load(new Set())
    await (await open()).cancel()
    expect(counts).toEqual([1, 0])
  })

  test('bears the place with the last notice of a change only', async () => {
    const stream = makeSessionStream(() => {})
    stream.send([{ kind: 'resource_updated', uri: 'a' }, { kind: 'resources_list_changed' }], '9-0')
    stream.end()
    const sent = read(stream.body)
    expect(await sent.next()).toMatchObject({ id: undefined, uri: 'a' })
    expect(await sent.next()).toMatchObject({ id: '9-0' })
    expect(await sent.next()).toBeUndefined()
  })

  test('that nobody reads is cut off, rather than kept in memory', () => {
    let left = 0
    const stream = makeSessionStream(() => (left += 1))
    for (let n = 0; n < 2000; n++) stream.send([{ kind: 'resources_list_changed' }], `${n}-0`)
    expect(left).toBe(1)
  })
})

test('a message that cannot be read is passed over', () => {
  const news = makeSessionNews(silentLog)
  const heard: SessionEvent[] = []
  news.subscribe(SESSION, (event) => void heard.push(event))
  news.hear({ session: SESSION, kind: 'message', value: '{' })
  news.hear({ session: SESSION, kind: 'of tomorrow', value: 'x' })
  news.hear({ session: SESSION, kind: 'ended', value: '' })
  expect(heard).toEqual([{ kind: 'ended' }])
})

describe('the body of an answer', () => {
  const make = () => {
    let done = 0
    const response = watchBody(new Response('a body'), () => (done += 1))
    return { response, done: () => done }
  }

  test('tells once when it has been sent whole', async () => {
    const { response, done } = make()
    expect(await response.text()).toBe('a body')
    expect(done()).toBe(1)
  })

  test('tells once when nobody wants it any more', async () => {
    const { response, done } = make()
    await response.body!.cancel()
    expect(done()).toBe(1)
  })
})
