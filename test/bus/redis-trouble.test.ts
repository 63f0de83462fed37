/** Whatever happens to Redis or to the link, consumption resumes by itself and nothing runs to its end twice. */
import { createClient } from 'redis'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { RedisBus } from '../../lib/bus/redis/redis-bus.ts'
import { startRedis, type TestRedis } from '../support/redis.ts'
import { event, ids, nothing, post, pullSome, until } from './bus-events.ts'
import { consume, type Consumption } from './consume.ts'
import { startLinkProxy, type LinkProxy } from './link-proxy.ts'

const LEASE_MS = 600

let redis: TestRedis
let closers: (() => unknown)[]
const unhandled: unknown[] = []
const noteUnhandled = (error: unknown) => void unhandled.push(error)

beforeEach(async () => {
  closers = []
  unhandled.length = 0
  process.on('unhandledRejection', noteUnhandled)
  redis = await startRedis({ fsync: 'always' })
})
afterEach(async () => {
  for (const close of closers.reverse()) await close()
  await redis.stop()
  process.off('unhandledRejection', noteUnhandled)
  if (unhandled.length > 0) throw new AggregateError(unhandled, 'a promise was rejected and nobody looked')
})

function makeBus(consumer: string, url = redis.url): RedisBus {
  const bus = new RedisBus({ url, name: 'trouble', consumer, leaseMs: LEASE_MS })
  closers.push(() => bus.close())
  return bus
}

async function startWorker(url = redis.url): Promise<{ bus: RedisBus; consumption: Consumption }> {
  const bus = makeBus('worker', url)
  await bus.host(['f'])
  const consumption = consume(bus, 'f')
  closers.push(() => consumption.stop())
  return { bus, consumption }
}

async function startProxy(): Promise<LinkProxy> {
  const proxy = await startLinkProxy(redis.socket)
  closers.push(() => proxy.close())
  return proxy
}

async function admin(...command: string[]): Promise<unknown> {
  const client = createClient({ socket: { path: redis.socket, tls: false }, RESP: 2 })
  client.on('error', () => {})
  await client.connect()
  try {
    return await client.sendCommand(command)
  } finally {
    client.destroy()
  }
}

/** Publishes `id` from another process's point of view, and waits until the worker has settled it. */
async function expectConsumption(consumption: Consumption, id: string): Promise<void> {
  const publisher = makeBus(`publisher-${id}`)
  await until(async () => {
    await publisher.publish([post('f', id)]).catch(() => {})
    return consumption.settled.includes(id)
  }, `${id} is consumed`)
}

test('consumption resumes after Redis is killed and comes back with its file', async () => {
  const { consumption } = await startWorker()
  await expectConsumption(consumption, 'before')
  await redis.kill()
  await redis.restart()
  await expectConsumption(consumption, 'after')
  expect(consumption.settled).toEqual(['before', 'after'])
})

test('what was posted, delayed or leased when Redis is killed is there when it comes back', async () => {
  const bus = makeBus('holder')
  await bus.publish([post('f', 'leased')])
  await pullSome(bus, { f: 1 })
  await bus.publish([post('f', 'waiting'), post('f', 'delayed', { delayMs: 50 })])
  await redis.kill()
  await redis.restart()
  const { consumption } = await startWorker()
  await until(() => consumption.settled.length === 3, 'all three are consumed')
  expect(new Set(consumption.settled)).toEqual(new Set(['leased', 'waiting', 'delayed']))
  expect(await bus.keyspace.length(bus.keys.inbox('f'))).toBe(0)
})

test('consumption resumes after Redis stood still for longer than the deadline', async () => {
  const { consumption } = await startWorker()
  await expectConsumption(consumption, 'before')
  redis.freeze()
  const publisher = makeBus('publisher')
  const published = publisher.publish([post('f', 'during')]).catch((error: Error) => error.message)
  await until(() => consumption.failures.length > 0, 'the worker has given up a read', 40_000)
  redis.thaw()
  expect(await published).toMatch(/^settled$|^Redis does not answer at unix:/)
  await expectConsumption(consumption, 'after')
}, 90_000)

test('consumption resumes on a new link after the old one silently swallows everything', async () => {
  const proxy = await startProxy()
  const { consumption } = await startWorker(proxy.url)
  await expectConsumption(consumption, 'before')
  const linksBefore = proxy.linksOpened
  proxy.blackHole()
  await expectConsumption(consumption, 'after')
  expect(proxy.linksOpened).toBeGreaterThan(linksBefore)
  expect(consumption.failures).toEqual([])
})

test('an event that was read into a swallowed link is taken over once its lease lapses', async () => {
  const proxy = await startProxy()
  const { consumption } = await startWorker(proxy.url)
  await expectConsumption(consumption, 'before')
  proxy.blackHole()
  const publisher = makeBus('publisher')
  await publisher.publish([post('f', 'swallowed')])
  await until(() => consumption.settled.includes('swallowed'), 'the swallowed event is consumed')
  expect(await publisher.keyspace.length(publisher.keys.inbox('f'))).toBe(0)
})

test.each([
  ['everything', ['FLUSHALL']],
  ['the inbox', ['DEL', '{trouble}:in:f']],
  ['the group', ['XGROUP', 'DESTROY', '{trouble}:in:f', 'workers']],
])('consumption resumes after %s is deleted under a waiting read', async (_, command) => {
  const { consumption } = await startWorker()
  await expectConsumption(consumption, 'before')
  await admin(...command)
  await expectConsumption(consumption, 'after')
  expect(consumption.failures).toEqual([])
})

test('scripts work on after the server forgot them', async () => {
  const { consumption } = await startWorker()
  await expectConsumption(consumption, 'before')
  await admin('SCRIPT', 'FLUSH')
  await expectConsumption(consumption, 'after')
  expect(consumption.failures).toEqual([])
})

test('one deleted inbox does not keep the leases of others from being renewed and taken over', async () => {
  const bus = makeBus('worker')
  await bus.publish([post('f', 'e1'), post('g', 'e2')])
  const [held] = await pullSome(bus, { f: 1 })
  await pullSome(makeBus('dead'), { g: 1 })
  await bus.host(['none', 'f', 'g'])
  await until(() => bus.lapsed().suspects, 'the lapsed lease is noticed')
  expect(
    ids(
      await bus.claim(
        new Map([
          ['none', 1],
          ['f', 1],
          ['g', 1],
        ]),
        true,
      ),
    ),
  ).toEqual(['e2'])
  expect(
    await bus.claim(
      new Map([
        ['none', 1],
        ['f', 1],
        ['g', 1],
      ]),
      false,
    ),
  ).toEqual([])
  expect(held!.signal.aborted).toBe(false)
  expect(await bus.settle(held!, nothing)).toBe('settled')
  await bus.release()
})

test('settling a delivery whose inbox was deleted is fenced', async () => {
  const bus = makeBus('worker')
  await bus.publish([post('f', 'e1')])
  const [held] = await pullSome(bus, { f: 1 })
  await admin('FLUSHALL')
  expect(await bus.settle(held!, { guards: [], writes: [], posts: [post('g', 'x')] })).toBe('fenced')
  expect(await bus.keyspace.length(bus.keys.inbox('g'))).toBe(0)
})

test('a settle whose answer was lost is repeated safely, and told to be settled', async () => {
  const proxy = await startProxy()
  const bus = makeBus('worker', proxy.url)
  await bus.publish([post('f', 'e1')])
  const [held] = await pullSome(bus, { f: 1 })
  const lost = proxy.loseAnswerTo('emitted-event')
  const result = await bus.settle(held!, { guards: [], writes: [], posts: [post('g', 'emitted-event')] })
  await lost
  expect(result).toBe('settled')
  expect(await bus.keyspace.length(bus.keys.inbox('g'))).toBe(1)
  expect(await bus.keyspace.length(bus.keys.inbox('f'))).toBe(0)
})

test('a settle that lost its lease while the link was broken is fenced while the other holds it', async () => {
  const proxy = await startProxy()
  const bus = makeBus('worker', proxy.url)
  await bus.publish([post('f', 'e1')])
  const [held] = await pullSome(bus, { f: 1 })
  await admin('XCLAIM', bus.keys.inbox('f'), 'workers', 'other', '0', held!.entryId)
  const lost = proxy.loseAnswerTo('emitted-event')
  expect(await bus.settle(held!, { guards: [], writes: [], posts: [post('g', 'emitted-event')] })).toBe('fenced')
  await lost
  expect(await bus.keyspace.length(bus.keys.inbox('g'))).toBe(0)
})

test('a publish whose answer was lost is repeated safely, guards and all', async () => {
  const proxy = await startProxy()
  const bus = makeBus('gateway', proxy.url)
  const key = `${bus.keys.prefix}:record`
  await bus.keyspace.get(key)
  const lost = proxy.loseAnswerTo('called-event')
  const guards = [{ if: 'absent', key, else: 'illegal' }] as const
  const writes = [['HSET', key, 'status', 'queued']] as const
  expect(await bus.publish([post('f', 'called-event')], { guards, writes })).toBe('settled')
  await lost
  expect(await bus.keyspace.length(bus.keys.inbox('f'))).toBe(1)
})

test('closing ends a waiting pull at once', async () => {
  const bus = makeBus('worker')
  await bus.host(['f'])
  const pulling = bus.pull(new Map([['f', 1]])).then(
    () => 'ended',
    () => 'failed',
  )
  await until(async () => String(await admin('CLIENT', 'LIST')).includes('cmd=xreadgroup'), 'the read is waiting')
  await bus.close()
  expect(await pulling).toBe('failed')
})

test('waking ends a waiting pull, however early it comes', async () => {
  const bus = makeBus('worker')
  await bus.host(['f'])
  const startMs = performance.now()
  for (let round = 0; round < 200; round++) {
    const pulling = bus.pull(new Map([['f', 1]]))
    for (let ticks = round % 7; ticks > 0; ticks--) await Promise.resolve()
    if (round % 3 === 0) await new Promise((resolve) => setImmediate(resolve))
    bus.wake()
    expect(await pulling).toEqual([])
  }
  // Not a measurement: one wake lost would cost two seconds, and all of them four hundred.
  expect(performance.now() - startMs).toBeLessThan(20_000)
})

test('a wrong password is told at once and by name, without the password', async () => {
  await admin('CONFIG', 'SET', 'requirepass', 'right')
  const bus = makeBus('worker')
  await expect(bus.publish([post('f', 'e1')])).rejects.toThrow(/NOAUTH.*check the user and password/)
})

test('work in hand is seen through on a server that is out of memory', async () => {
  const { bus, consumption } = await startWorker()
  await bus.publish([post('f', 'e1'), post('h', 'e2')])
  await until(() => consumption.settled.includes('e1'), 'e1 is consumed')
  const other = makeBus('other')
  const [held] = await pullSome(other, { h: 1 })
  await admin('CONFIG', 'SET', 'maxmemory', '1')
  const later = post('f', 'later', { delayMs: 10 })
  expect(await other.settle(held!, { guards: [], writes: [], posts: [post('f', 'now'), later] })).toBe('settled')
  await until(() => consumption.settled.length === 3, 'what it emitted is consumed')
  await bus.host(['h'])
  expect(await bus.keyspace.count(bus.keys.hosting('h'))).toBe(1)
})

test('nothing that stays begins on a server that is out of memory, and its event can be settled otherwise', async () => {
  const bus = makeBus('worker')
  await bus.publish([post('f', 'e1')])
  const [held] = await pullSome(bus, { f: 1 })
  await admin('CONFIG', 'SET', 'maxmemory', '1')
  const record = `${bus.keys.prefix}:record`
  const begun = { guards: [], writes: [['HSET', record, 'status', 'queued'] as const], grows: true }
  await expect(bus.settle(held!, { ...begun, posts: [post('g', 'x')] })).rejects.toThrow(/^Redis is out of memory/)
  await expect(bus.publish([], begun)).rejects.toMatchObject({ name: 'Refusal', code: 'busy' })
  expect(await bus.keyspace.hash(record)).toEqual({})
  expect(await bus.keyspace.length(bus.keys.inbox('g'))).toBe(0)
  expect(await bus.settle(held!, nothing)).toBe('settled')
  await admin('CONFIG', 'SET', 'maxmemory', '0')
  expect(await bus.publish([], begun)).toBe('settled')
})

test('more calls at once than the client queues are all carried out', async () => {
  const bus = makeBus('gateway')
  const results = await Promise.all(
    Array.from({ length: 10_200 }, (_, n) => bus.publish([{ ...post('f', `e${n}`), event: event(`e${n}`) }])),
  )
  expect(new Set(results)).toEqual(new Set(['settled']))
  expect(await bus.keyspace.length(bus.keys.inbox('f'))).toBe(10_200)
})
