/** What is settled in one turn of the event loop goes to Redis together, and still stands or falls by itself. */
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest'
import type { Delivery, Settlement } from '../../lib/bus/bus.ts'
import { RedisBus } from '../../lib/bus/redis/redis-bus.ts'
import { startRedis, type TestRedis } from '../support/redis.ts'
import { ids, nothing, post, pullSome } from './bus-events.ts'
import { startLinkProxy } from './link-proxy.ts'

let redis: TestRedis
let bus: RedisBus
let worlds = 0
let closers: (() => unknown)[]
beforeAll(async () => {
  redis = await startRedis()
})
afterAll(() => redis.stop())
beforeEach(() => {
  closers = []
  bus = makeBus(redis.url)
})
afterEach(async () => {
  for (const close of closers.reverse()) await close()
})

function makeBus(url: string): RedisBus {
  const made = new RedisBus({ url, name: `group-${(worlds += 1)}`, consumer: 'worker' })
  closers.push(() => made.close())
  return made
}

/** That many events of `f`, held. */
async function hold(count: number, from = bus): Promise<Delivery[]> {
  await from.publish(Array.from({ length: count }, (_, n) => post('f', `e${n}`)))
  const held: Delivery[] = []
  while (held.length < count) held.push(...(await pullSome(from, { f: count - held.length })))
  return held
}

const emitting = (id: string): Settlement => ({ ...nothing, posts: [post('g', id)] })
const emitted = () => bus.keyspace.length(bus.keys.inbox('g'))

async function commandsSince(before: Map<string, number>): Promise<Record<string, number>> {
  const after = await commandCounts()
  return Object.fromEntries([...after].map(([name, count]) => [name, count - (before.get(name) ?? 0)]))
}

async function commandCounts(): Promise<Map<string, number>> {
  const text = await bus.connection.call((client) => client.info('commandstats'))
  return new Map([...text.matchAll(/cmdstat_(\w+):calls=(\d+)/g)].map(([, name, calls]) => [name!, Number(calls)]))
}

test('sixteen go in one script, with one acknowledgement', async () => {
  const held = await hold(16)
  const before = await commandCounts()
  await Promise.all(held.map((delivery, n) => bus.settle(delivery, emitting(`x${n}`))))
  expect(await commandsSince(before)).toMatchObject({ evalsha: 1, xpending: 16, xadd: 16, xack: 1, xdel: 1 })
  expect(await emitted()).toBe(16)
})

test('more than sixteen go in groups, so that functions run on the answers to one while Redis settles the next', async () => {
  const held = await hold(40)
  const before = await commandCounts()
  await Promise.all(held.map((delivery) => bus.settle(delivery, nothing)))
  expect(await commandsSince(before)).toMatchObject({ evalsha: 3, xack: 3 })
})

test('one that fails in the middle of its writes leaves its neighbours settled and itself held', async () => {
  const held = await hold(3)
  const text = `${bus.keys.prefix}:text`
  await bus.publish([], { guards: [], writes: [['SET', text, 'no hash', 'PX', '60000']] })
  const wrong: Settlement = { ...emitting('never'), writes: [['HSET', text, 'field', 'value']] }
  const settled = held.map((delivery, n) => bus.settle(delivery, n === 1 ? wrong : emitting(`x${n}`)))
  const results = await Promise.allSettled(settled)
  expect(results.map((each) => (each.status === 'fulfilled' ? each.value : String(each.reason)))).toEqual([
    'settled',
    expect.stringMatching(/WRONGTYPE/),
    'settled',
  ])
  expect(ids(await pullSome(bus, { g: 5 }))).toEqual(['x0', 'x2'])
  expect(await bus.settle(held[1]!, emitting('after all'))).toBe('settled')
})

test('a publish that fails in the middle of its writes says so', async () => {
  const text = `${bus.keys.prefix}:text`
  await bus.publish([], { guards: [], writes: [['SET', text, 'no hash', 'PX', '60000']] })
  await expect(bus.publish([], { guards: [], writes: [['HSET', text, 'field', 'value']] })).rejects.toThrow(/WRONGTYPE/)
})

test('what cannot be put into words fails alone', async () => {
  const held = await hold(2)
  const tooLong: Settlement = { ...nothing, writes: [['HSET', 'key', ...Array.from({ length: 5000 }, () => 'x')]] }
  const results = await Promise.allSettled([bus.settle(held[0]!, tooLong), bus.settle(held[1]!, nothing)])
  expect(results.map(({ status }) => status)).toEqual(['rejected', 'fulfilled'])
})

test('what Redis has no memory for is refused alone', async () => {
  const held = await hold(3)
  const set = (value: string) =>
    bus.connection.call((client) => client.sendCommand(['CONFIG', 'SET', 'maxmemory', value]))
  closers.push(() => set('0'))
  await set('1')
  const settled = held.map((delivery, n) => bus.settle(delivery, { ...emitting(`x${n}`), grows: n === 1 }))
  const results = await Promise.allSettled(settled)
  expect(results.map((each) => (each.status === 'fulfilled' ? each.value : each.reason.code))).toEqual([
    'settled',
    'busy',
    'settled',
  ])
  expect(await emitted()).toBe(2)
})

test('a group whose answer was lost is repeated, and each is told what became of it', async () => {
  const proxy = await startLinkProxy(redis.socket)
  closers.push(() => proxy.close())
  bus = makeBus(proxy.url)
  const held = await hold(3)
  await bus.connection.call((client) =>
    client.sendCommand(['XCLAIM', bus.keys.inbox('f'), 'workers', 'other', '0', held[1]!.entryId]),
  )
  const lost = proxy.loseAnswerTo('emitted-event')
  const results = await Promise.all(held.map((delivery, n) => bus.settle(delivery, emitting(`emitted-event ${n}`))))
  await lost
  expect(results).toEqual(['settled', 'fenced', 'settled'])
  expect(ids(await pullSome(bus, { g: 5 }))).toEqual(['emitted-event 0', 'emitted-event 2'])
})

test('settling brings as many next events as were settled, each with its record, and no more', async () => {
  const posts = Array.from({ length: 12 }, (_, n) => {
    const { event, ...rest } = post('f', `e${n}`)
    return { ...rest, event: { ...event, subject: `scan ${n}` } }
  })
  const writes = posts.map((_, n) => ['HSET', bus.keys.record(`scan ${n}`), 'number', String(n)] as const)
  await bus.publish(posts, { guards: [], writes })
  const free = new Map([['f', 4]])
  const first = await bus.pull(free)
  expect(first).toHaveLength(4)
  const before = await commandCounts()
  const stale = { ...nothing, guards: [{ if: 'exists' as const, key: 'none', else: 'stale' as const }] }
  await Promise.all(first.map((delivery, n) => bus.settle(delivery, n === 0 ? stale : nothing)))
  expect(await commandsSince(before)).toMatchObject({ evalsha: 1, xreadgroup: 1 })
  const next = await bus.pull(new Map([['f', 3]]))
  expect(ids(next)).toEqual(['e4', 'e5', 'e6'])
  expect(next.map(({ record }) => record)).toEqual([{ number: '4' }, { number: '5' }, { number: '6' }])
})
