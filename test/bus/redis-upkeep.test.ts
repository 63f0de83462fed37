/** What a worker's bus does by itself on Redis: leases kept, workers announced, the silent forgotten, nothing left behind. */
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest'
import { HOST } from '../../lib/bus/redis/scripts/lease-scripts.ts'
import { HOST_GONE_MS } from '../../lib/bus/hosting.ts'
import { RedisBus } from '../../lib/bus/redis/redis-bus.ts'
import { PermanentError } from '../../lib/base/errors.ts'
import { type Permit, PermitLapsed } from '../../lib/base/permit.ts'
import { withoutPassword } from '../../lib/bus/redis/connection/address.ts'
import { startRedis, type TestRedis } from '../support/redis.ts'
import { ids, nothing, post, pullNow, pullSome, until } from './bus-events.ts'

let redis: TestRedis
let buses: RedisBus[]
let worlds = 0
let name: string
beforeAll(async () => {
  redis = await startRedis()
})
afterAll(() => redis.stop())
beforeEach(() => {
  buses = []
  name = `upkeep-${(worlds += 1)}`
})
afterEach(async () => {
  await Promise.all(buses.map((bus) => bus.close()))
})

function makeBus(consumer: string, leaseMs = 300): RedisBus {
  const bus = new RedisBus({ url: redis.url, name, consumer, leaseMs })
  buses.push(bus)
  return bus
}

/** As if the process were stopped: no timer fires, no answer is read. */
function standStill(ms: number): void {
  const untilMs = performance.now() + ms
  while (performance.now() < untilMs);
}

function isGiven(permit: Permit): boolean {
  try {
    permit()
    return true
  } catch {
    return false
  }
}

const consumersOf = (bus: RedisBus, inbox: string) =>
  bus.connection.call((client) => client.xInfoConsumers(bus.keys.inbox(inbox), 'workers'))
const numbered = (count: number) => Array.from({ length: count }, (_, n) => post('f', `e${n}`))

test('keeps more leases than one script renews for as long as they are held', async () => {
  const bus = makeBus('holder')
  await bus.host(['f'])
  await bus.publish(numbered(1200))
  const held = await pullSome(bus, { f: 1200 })
  expect(held.length).toBe(1200)
  const watcher = makeBus('watcher')
  await watcher.host(['f'])
  const idleAtMost = async () => {
    const pending = await bus.connection.call((client) =>
      client.xPendingRange(bus.keys.inbox('f'), 'workers', '-', '+', 1200),
    )
    return Math.max(...pending.map(({ millisecondsSinceLastDelivery }) => millisecondsSinceLastDelivery))
  }
  for (let looks = 0; looks < 20; looks++) {
    expect(await idleAtMost()).toBeLessThan(300)
    await new Promise((resolve) => setTimeout(resolve, 40))
  }
  expect(watcher.lapsed()).toEqual({ released: false, suspects: false })
  expect(held.some(({ signal }) => signal.aborted)).toBe(false)
})

test('a permit lapses when the process stood still since the lease was last renewed, and holds again after a renewal', async () => {
  const bus = makeBus('sleeper')
  await bus.host(['f'])
  await bus.publish([post('f', 'e')])
  const [delivery] = await pullSome(bus, { f: 1 })
  const permit = (await bus.renew(delivery!))!
  expect(permit).not.toThrow()
  standStill(200)
  expect(permit).toThrow(PermitLapsed)
  await until(() => isGiven(permit), 'the heartbeat has renewed the lease')
})

test('a lease that another has taken over is not renewed, and what it permitted is over', async () => {
  const bus = makeBus('loser')
  await bus.publish([post('f', 'e')])
  const [delivery] = await pullSome(bus, { f: 1 })
  const permit = (await bus.renew(delivery!))!
  const taker = makeBus('taker')
  await taker.host(['f'])
  await until(() => taker.lapsed().suspects, 'the lease has lapsed')
  expect(await taker.claim(new Map([['f', 1]]), true)).toHaveLength(1)
  expect(permit).toThrow(PermitLapsed)
  expect(await bus.renew(delivery!)).toBeUndefined()
  expect(permit).toThrow(PermitLapsed)
})

test('a delivery that is abandoned is taken over once its lease lapses, though its worker lives on', async () => {
  const bus = makeBus('failing')
  await bus.host(['f'])
  await bus.publish([post('f', 'e1'), post('f', 'e2')])
  const [left, kept] = await pullSome(bus, { f: 2 })
  bus.abandon(left!)
  expect(left!.signal.aborted).toBe(true)
  await until(() => bus.lapsed().suspects, 'the lease has lapsed')
  const [again] = await bus.claim(new Map([['f', 2]]), true)
  expect(again).toMatchObject({ entryId: left!.entryId, deliveries: 2 })
  expect(await bus.claim(new Map([['f', 2]]), true)).toEqual([])
  expect(kept!.signal.aborted).toBe(false)
})

test('hands back more than one script can, with nothing left behind', async () => {
  const bus = makeBus('leaving')
  await bus.host(['f'])
  await bus.publish(numbered(1200))
  await pullSome(bus, { f: 1200 })
  await bus.release()
  const next = makeBus('next')
  await next.host(['f'])
  await until(() => next.lapsed().released, 'the release is noticed')
  let taken = 0
  while (next.lapsed().released) taken += (await next.claim(new Map([['f', 2000]]), false)).length
  expect(taken).toBe(1200)
  expect((await consumersOf(bus, 'f')).map((consumer) => consumer.name)).not.toContain('leaving')
})

test('hands back what a pull that was still waiting has just been given', async () => {
  const bus = makeBus('leaving')
  await bus.host(['f'])
  const pulling = bus.pull(new Map([['f', 5]]))
  await Promise.all([makeBus('publisher').publish(numbered(5)), bus.release()])
  const late = await pulling
  expect(late.every(({ signal }) => signal.aborted)).toBe(true)
  const next = makeBus('next')
  await next.host(['f'])
  await until(async () => {
    await next.claim(new Map([['f', 5]]), false)
    await pullNow(next, { f: 5 })
    const [consumer] = (await consumersOf(next, 'f')).filter((each) => each.name === 'next')
    return consumer?.pending === 5
  }, 'the next worker holds all five')
})

test('tells a running function that its lease is lost', async () => {
  const bus = makeBus('holder', 300)
  await bus.publish([post('f', 'e1')])
  const [held] = await pullSome(bus, { f: 1 })
  await bus.connection.call((client) => client.xClaim(bus.keys.inbox('f'), 'workers', 'thief', 0, held!.entryId))
  await bus.host(['f'])
  await until(() => held!.signal.aborted, 'the signal aborts')
  expect(await bus.settle(held!, nothing)).toBe('fenced')
})

test('a worker that took over from itself loses the first lease and keeps the second', async () => {
  const bus = makeBus('same', 300)
  await bus.publish([post('f', 'e1')])
  const [first] = await pullSome(bus, { f: 1 })
  await until(async () => (await bus.claim(new Map([['f', 1]]), true).then((taken) => taken.length)) === 1, 'it lapses')
  expect(first!.signal.aborted).toBe(true)
  expect(await bus.settle(first!, nothing)).toBe('fenced')
  await bus.host(['f'])
  await new Promise((resolve) => setTimeout(resolve, 450))
  expect(bus.lapsed().suspects).toBe(false)
})

test('says which functions it hosts until it leaves, and forgets workers long silent', async () => {
  const bus = makeBus('here')
  const hosting = bus.keys.hosting('f')
  const goneSince = String(Date.now() - HOST_GONE_MS - 60_000)
  await bus.publish([], { guards: [], writes: [['ZADD', hosting, goneSince, 'silent']] })
  await bus.host(['f', 'g'])
  expect(await bus.keyspace.range(hosting, 0, -1)).toEqual(['here'])
  expect(await bus.keyspace.range(bus.keys.hosting('g'), 0, -1)).toEqual(['here'])
  await bus.release()
  expect(await bus.keyspace.range(hosting, 0, -1)).toEqual([])
})

test('forgets idle consumers that hold nothing, never one that holds something, never itself', async () => {
  const bus = makeBus('here')
  await bus.publish([post('f', 'e1')])
  await pullSome(makeBus('holding'), { f: 1 })
  for (const consumer of ['idle', 'here']) {
    await bus.connection.call((client) => client.xGroupCreateConsumer(bus.keys.inbox('f'), 'workers', consumer))
  }
  const names = async () => new Set((await consumersOf(bus, 'f')).map((consumer) => consumer.name))
  const announce = (forgottenMs: string) =>
    bus.connection.call((client) =>
      HOST.run(client, [bus.keys.hosting('f'), bus.keys.inbox('f')], ['workers', 'here', '12000', forgottenMs]),
    )
  await new Promise((resolve) => setTimeout(resolve, 20))
  await announce('')
  expect(await names()).toEqual(new Set(['holding', 'idle', 'here']))
  await announce('10')
  expect(await names()).toEqual(new Set(['holding', 'here']))
})

test('knows the time of the server without hosting anything', async () => {
  const bus = makeBus('gateway')
  await bus.keyspace.get('x')
  const [seconds] = (await bus.connection.call((client) => client.sendCommand(['TIME']))) as unknown as [string]
  expect(Math.abs(bus.now().getTime() - Number(seconds) * 1000)).toBeLessThan(2000)
})

test('an event delayed in one worker is moved by any other', async () => {
  await makeBus('publisher').publish([post('f', 'e1', { delayMs: 50 })])
  const bus = makeBus('other')
  await bus.host(['unrelated'])
  await until(async () => (await bus.keyspace.length(bus.keys.inbox('f'))) === 1, 'it is moved')
  expect(await bus.keyspace.count(bus.keys.delayed)).toBe(0)
  expect(await bus.keyspace.hash(bus.keys.delayedBodies)).toEqual({})
  expect(ids(await pullSome(bus, { f: 1 }))).toEqual(['e1'])
})

test('moves more due events than one script does, in the order they are due', async () => {
  const posts = Array.from({ length: 350 }, (_, n) => post('f', `e${n}`, { delayMs: 1 + n * 0.001 }))
  const bus = makeBus('worker')
  await bus.publish(posts)
  await new Promise((resolve) => setTimeout(resolve, 5))
  await bus.host(['f'])
  expect(await bus.keyspace.length(bus.keys.inbox('f'))).toBe(350)
})

test('refuses a delay that is no number and a write too long for Lua, before anything is sent', async () => {
  const bus = makeBus('worker')
  await expect(bus.publish([post('f', 'e1', { delayMs: NaN })])).rejects.toThrow(
    'post of test.made to f: expected a delay of 0 ms or more, got NaN',
  )
  const write = ['HSET', `${bus.keys.prefix}:h`, ...Array.from({ length: 5000 }, String)] as const
  await expect(bus.publish([], { guards: [], writes: [write] })).rejects.toThrow(PermanentError)
  expect(await bus.keyspace.hash(`${bus.keys.prefix}:h`)).toEqual({})
})

test('never shows a password, whatever characters it has', () => {
  expect(withoutPassword('redis://user:p@ss/w@rd@host:6379/0')).toBe('redis://host:6379/0')
  expect(withoutPassword('redis://host:6379')).toBe('redis://host:6379')
})

test('events whose record is of another type are handed out all the same, with those beside them', async () => {
  const bus = makeBus('taker')
  const { keys } = bus
  await bus.connection.call((client) => client.set(keys.record('odd'), 'a text'))
  await bus.publish(numbered(1))
  await pullSome(bus, { f: 1 })
  for (const [id, subject] of [
    ['odd-one', 'odd'],
    ['even-one', 'even'],
  ] as const) {
    const { event, ...rest } = post('f', id)
    await bus.publish([{ ...rest, event: { ...event, subject } }])
  }
  // Taken by the script that reads the records along.
  const taken = [...(await pullSome(bus, { f: 1 })), ...(await pullSome(bus, { f: 1 }))]
  expect(taken.map(({ event }) => event?.id)).toEqual(['odd-one', 'even-one'])
  for (const delivery of taken) expect(await bus.settle(delivery, nothing)).toBe('settled')
})

test('a delayed event that cannot be read becomes a dead letter, and keeps no other from being moved', async () => {
  const bus = makeBus('mover')
  const { keys } = bus
  await bus.host(['f'])
  await bus.connection.call(async (client) => {
    for (const [member, body] of [
      ['no-line@f', 'garbage'],
      ['no-function', '1  \n{}'],
      ['no-attempt@f', 'x y z\n{}'],
    ] as const) {
      await client.hSet(keys.delayedBodies, member, body)
      await client.zAdd(keys.delayed, { score: 1, value: member })
    }
  })
  await bus.publish([post('f', 'good', { delayMs: 1 })])
  expect(ids(await pullSome(bus, { f: 1 }))).toEqual(['good'])
  const letters = await bus.keyspace.entries(keys.dead, '-', 10)
  const named = new Set(letters.map(({ fields }) => fields['letter']))
  expect(named).toEqual(new Set(['no-attempt@f', 'no-function', 'no-line@f']))
  expect(Object.keys(await bus.keyspace.hash(keys.openLetters))).toHaveLength(3)
})
