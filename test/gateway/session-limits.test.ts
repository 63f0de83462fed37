/** What bounds sessions: their number, their age, their caller; and what happens when Redis is away. */
import { appendFile, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { randomBytes } from 'node:crypto'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { makeToken } from '../../lib/gateway/auth/make-token.ts'
import { makeSessionStore } from '../../infra/redis/session-store.ts'
import { startRedis, type TestRedis } from '../support/redis.ts'
import { openDoor, type Door } from './support/door.ts'
import { ask, begin, get, initialize, listen, post, subscribe } from './support/older-requests.ts'

const client = { protocolVersion: '2025-11-25', capabilities: {}, clientInfo: { name: 'c', version: '1' } }
const list = { jsonrpc: '2.0', id: 1, method: 'tools/list' }

let redis: TestRedis
let folder: string
const doors: Door[] = []
beforeAll(async () => {
  redis = await startRedis()
  folder = await mkdtemp(join(tmpdir(), 'nessus-mcp-sessions-'))
})
afterEach(async () => {
  for (const door of doors.splice(0)) await door.close()
})
afterAll(async () => {
  await redis.stop()
  await rm(folder, { recursive: true })
})

async function open(options: Parameters<typeof openDoor>[1], on = redis) {
  const door = await openDoor(on.url, options)
  doors.push(door)
  const { store } = door.world.sessions
  /** Makes a session look as if it had last been used so long ago. */
  const age = (id: string, ms: number) =>
    door.world.bus.connection.call((redisClient) =>
      redisClient.zIncrBy(`${door.world.bus.keys.prefix}:sessions`, -ms, id),
    )
  return { door, store, age, url: await door.listen() }
}

describe('the number of sessions', () => {
  test('is bounded: who comes later is served without one', async () => {
    const { store, url } = await open({ world: { sessionsMax: 2 } })
    await begin(url)
    await begin(url)
    const response = await post(url, initialize())
    expect(response.status).toBe(200)
    expect(response.headers.get('mcp-session-id')).toBeNull()
    expect(await response.text()).not.toContain('"subscribe":true')
    expect(await store.count()).toBe(2)
    expect(await (await post(url, list)).text()).toContain('"echo"')
  })

  test('makes the one unused for longest give way, once it is really unused', async () => {
    const { store, age } = await open({ world: { sessionsMax: 2, sessionIdleMs: 3_600_000 } })
    const old = (await store.open(client, ''))!
    const young = (await store.open(client, ''))!
    expect(await store.open(client, '')).toBeUndefined()
    await age(old, 360_000)
    expect(await store.open(client, '')).toBeDefined()
    expect(await store.use(old, '')).toBeUndefined()
    expect(await store.subscribe(old, 'nessus://scans')).toBe('gone')
    expect(await store.end(old, '')).toBe(false)
    expect(await store.use(young, '')).toMatchObject(client)
  })

  test('is counted per token too: a flood takes the places of its own, those that nobody used first', async () => {
    const { store, door } = await open({ world: { sessionsMax: 50, sessionsMaxPerCaller: 3 } })
    const others = (await store.open(client, 'other'))!
    const used = (await store.open(client, 'flood'))!
    expect(await store.use(used, 'flood')).toMatchObject(client)
    const ended: string[] = []
    const flood: string[] = []
    for (let n = 0; n < 20; n++) {
      const id = (await store.open(client, 'flood'))!
      door.world.sessions.news.subscribe(id, ({ kind }) => void (kind === 'ended' && ended.push(id)))
      flood.push(id)
    }
    const left = []
    for (const id of [used, ...flood]) if (await store.use(id, 'flood')) left.push(id)
    expect(left).toEqual([used, ...flood.slice(-2)])
    expect(await store.use(others, 'other')).toMatchObject(client)
    expect(await store.count()).toBe(4)
    // Streams of those that gave way end, on whichever gateway they are, in any order.
    await expect.poll(() => new Set(ended)).toEqual(new Set(flood.slice(0, -2)))
  })

  test('of a token whose own are all in use: the one unused for longest gives way', async () => {
    const { store, door } = await open({ world: { sessionsMaxPerCaller: 2 } })
    const [first, second] = [(await store.open(client, 'a'))!, (await store.open(client, 'a'))!]
    for (const id of [second, first]) await store.use(id, 'a')
    const { prefix } = door.world.bus.keys
    await door.world.bus.connection.call((c) => c.zIncrBy(`${prefix}:sessions-of:a`, -5000, second))
    expect(await store.open(client, 'a')).toBeDefined()
    expect(await store.use(second, 'a')).toBeUndefined()
    expect(await store.use(first, 'a')).toMatchObject(client)
    expect(await store.renew([first, second])).toEqual([second])
    await store.end(first, 'a')
    expect(await store.open(client, 'a')).toBeDefined()
  })

  test('may be none', async () => {
    const { url } = await open({ world: { sessionsMax: 0 } })
    expect((await post(url, initialize())).headers.get('mcp-session-id')).toBeNull()
  })

  test('is told by the metrics of the store, and back to none when all have ended', async () => {
    const { store } = await open({})
    const id = (await store.open(client, ''))!
    expect(await store.count()).toBe(1)
    await store.end(id, '')
    expect(await store.count()).toBe(0)
  })

  test('a client that says too much of itself is served without one', async () => {
    const { url } = await open({})
    const response = await post(url, initialize({ experimental: { long: { text: 'x'.repeat(20_000) } } }))
    expect(response.status).toBe(200)
    expect(response.headers.get('mcp-session-id')).toBeNull()
  })
})

test('a session follows at most so many resources', async () => {
  const { store, door, url } = await open({})
  const session = await begin(url)
  const id = session['mcp-session-id']!
  for (let n = 0; n < 500; n++) expect(await store.subscribe(id, `nessus://scans/${n}`)).toBe('done')
  expect(await store.subscribe(id, 'nessus://scans/7')).toBe('done')
  const { task_id: one } = door.addScan('one more')
  const refused = await subscribe(url, session, `nessus://scans/${one}`)
  expect(refused.error?.message).toContain('unsubscribe first')
  await store.unsubscribe(id, 'nessus://scans/7')
  expect(await subscribe(url, session, `nessus://scans/${one}`)).toMatchObject({ result: {} })
})

test.each(['x', '../../scan', 'a'.repeat(300)])(
  'an id that was never given out does not reach Redis: %s',
  async (id) => {
    const connection = { call: () => Promise.reject(new Error('it did')) }
    const limits = { idleMs: 1000, sessionsMax: 1, sessionsMaxPerCaller: 1 }
    const store = makeSessionStore({ connection, prefix: '{x}', ...limits, makeId: () => id })
    expect(await store.use(id, '')).toBeUndefined()
    expect(await store.end(id, '')).toBe(false)
  },
)

describe('a session that nobody uses', () => {
  test('is gone after the idle time, and leaves nothing', async () => {
    const { store, url, door } = await open({ world: { sessionIdleMs: 400 } })
    const session = await begin(url)
    await subscribe(url, session, 'nessus://scans')
    while (await store.use(session['mcp-session-id']!, '')) await sleep(500)
    expect((await post(url, list, session)).status).toBe(404)
    const left = async () =>
      door.world.bus.connection.call((redisClient) => redisClient.keys(`${door.world.bus.keys.prefix}:session*`))
    while ((await left()).length > 0) await sleep(50)
  })

  test('goes on while it is used, or has a stream', async () => {
    const { store, url } = await open({ world: { sessionIdleMs: 600 } })
    const [used, streaming] = [await begin(url), await begin(url)]
    const stream = await listen(url, streaming)
    for (let n = 0; n < 15; n++) {
      await sleep(100)
      expect(await store.use(used['mcp-session-id']!, '')).toBeDefined()
    }
    expect(await store.use(streaming['mcp-session-id']!, '')).toBeDefined()
    await stream.close()
  })

  test('ends its stream when it is gone all the same', async () => {
    const { url, door } = await open({ world: { sessionIdleMs: 1000 } })
    const session = await begin(url)
    const stream = await listen(url, session)
    await door.world.bus.connection.call((redisClient) => redisClient.flushAll())
    expect(await stream.next()).toBeUndefined()
  })
})

describe('a session belongs to the token that opened it:', () => {
  const token = (name: string) => makeToken({ name, scopes: ['scan:read'], randomBytes })
  const [one, two] = [token('one'), token('two')]
  const bearer = (value: string) => ({ authorization: `Bearer ${value}` })

  test('another one finds none', async () => {
    const file = join(folder, 'two-tokens.yaml')
    await writeFile(file, one.entry + two.entry)
    const { url } = await open({ tokensFile: file })
    const session = await begin(url, bearer(one.token))
    const stolen = { ...session, ...bearer(two.token) }
    expect((await post(url, list, stolen)).status).toBe(404)
    expect((await get(url, stolen)).status).toBe(404)
    expect((await fetch(`${url}/mcp`, { method: 'DELETE', headers: stolen })).status).toBe(404)
    expect((await ask(url, session, 'ping')).result).toEqual({})
  })

  test.each(['GET', 'DELETE', 'POST'])('%s without a token is refused', async (method) => {
    const file = join(folder, 'one-token.yaml')
    await writeFile(file, one.entry)
    const { url } = await open({ tokensFile: file })
    const { authorization: _, ...session } = await begin(url, bearer(one.token))
    const headers = { ...session, accept: 'text/event-stream' }
    expect((await fetch(`${url}/mcp`, { method, headers })).status).toBe(401)
  })

  test('when it is taken away, the stream ends', async () => {
    const file = join(folder, 'changing.yaml')
    await writeFile(file, one.entry + two.entry)
    const { url } = await open({ tokensFile: file, world: { sessionIdleMs: 1000 } })
    const kept = await listen(url, await begin(url, bearer(two.token)))
    const stream = await listen(url, await begin(url, bearer(one.token)))
    await writeFile(file, two.entry)
    await appendFile(file, '\n')
    expect(await stream.next()).toBeUndefined()
    const still = Symbol('still open')
    expect(await Promise.race([kept.next(), sleep(600, still)])).toBe(still)
    await kept.close()
  })
})

describe('when Redis is away', () => {
  test('a session is answered as if there were none, and streams are refused for the moment', async () => {
    const own = await startRedis()
    try {
      const { url } = await open({}, own)
      const session = await begin(url)
      own.freeze()
      expect(await (await post(url, list, session)).text()).toContain('"echo"')
      const refused = await get(url, session)
      expect(refused.status).toBe(503)
      expect(refused.headers.get('retry-after')).toBe('5')
      expect((await fetch(`${url}/mcp`, { method: 'DELETE', headers: session })).status).toBe(503)
      const begun = await post(url, initialize())
      expect(begun.status).toBe(200)
      expect(begun.headers.get('mcp-session-id')).toBeNull()
      own.thaw()
      expect((await fetch(`${url}/mcp`, { method: 'DELETE', headers: session })).status).toBeOneOf([200, 404])
      for (const door of doors.splice(0)) await door.close()
    } finally {
      await own.stop()
    }
  })
})
