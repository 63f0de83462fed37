/** What only a Redis can do to sessions: be away, lose everything, and tell several things in one read. */
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { startRedis, type TestRedis } from '../support/redis.ts'
import { type Door, type DoorOptions, openDoor } from './support/door.ts'
import { begin, get, initialize, listen, post, subscribe } from './support/older-requests.ts'

const list = { jsonrpc: '2.0', id: 1, method: 'tools/list' }
/** Sooner than the round that finds what nobody told. */
const SOON_MS = 20_000

let redis: TestRedis
const doors: Door[] = []
beforeAll(async () => {
  redis = await startRedis()
})
afterEach(async () => {
  for (const door of doors.splice(0)) await door.close()
})
afterAll(() => redis.stop())

async function open(options: DoorOptions & { readonly url: string }) {
  const door = await openDoor(options)
  doors.push(door)
  return { door, url: await door.listen() }
}

test('follows what was subscribed, across gateways, to the end of the session', async () => {
  const { door, url } = await open({ url: redis.url })
  const other = await door.listen(await door.another())
  const { task_id: id } = door.addScan('watched')
  const session = await begin(url)
  const stream = await listen(other, session)
  expect(await subscribe(url, session, `nessus://scans/${id}`)).toMatchObject({ result: {} })
  await door.world.append({ task: id, revision: '2', status: 'running', step: 'scanning' })
  expect(await stream.next()).toMatchObject({ uri: `nessus://scans/${id}` })
  await fetch(`${url}/mcp`, { method: 'DELETE', headers: session })
  expect(await stream.next()).toBeUndefined()
})

test('any gateway hears of a subscription before it hears of what changed after it', { timeout: SOON_MS }, async () => {
  const { door, url } = await open({ url: redis.url })
  const b = await door.listen(await door.another())
  const { task_id: id } = door.addScan('watched')
  const uri = `nessus://scans/${id}`
  const session = await begin(url)
  const stream = await listen(b, session)
  const { bus, sessions } = door.world
  // Both in one step, while nobody reads: so one read brings both.
  const subscribed = { session: session['mcp-session-id']!, kind: 'subscribed', value: uri }
  await bus.connection.call((client) =>
    client
      .multi()
      .addCommand(['CLIENT', 'KILL', 'TYPE', 'normal', 'SKIPME', 'yes'])
      .xAdd(sessions.store.newsKey, '*', subscribed)
      .xAdd(bus.keys.log, '*', { task: id, revision: '2', status: 'running' })
      .exec(),
  )
  expect(await stream.next()).toMatchObject({ uri })
  await stream.close()
})

test('a session that is gone all at once ends its stream', async () => {
  const { url, door } = await open({ url: redis.url, world: { sessionIdleMs: 1000 } })
  const session = await begin(url)
  const stream = await listen(url, session)
  await door.world.bus.connection.call((redisClient) => redisClient.flushAll())
  expect(await stream.next()).toBeUndefined()
})

test('when Redis is away, a session is answered as if there were none, and streams are refused for the moment (SE5)', async () => {
  const own = await startRedis()
  try {
    const { url } = await open({ url: own.url })
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
