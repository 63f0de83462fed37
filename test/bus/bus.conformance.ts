/** How every {@link Bus} hands out events and keeps leases, whatever it stands on. */
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { PermitLapsed } from '../../lib/base/permit.ts'
import type { Bus, Delivery } from '../../lib/bus/bus.ts'
import type { Transaction } from '../../lib/bus/transaction.ts'
import { event, ids, nothing, post, pullNow, pullSome, until } from './bus-events.ts'

/** One empty server and the buses on it. */
export interface BusWorld {
  /** A bus that hosts `functions`: it keeps its leases and notices those of others that lapse. */
  worker(consumer: string, functions: readonly string[]): Promise<Bus>
  /** A bus whose leases nobody renews, as those of a worker that stands still. */
  stalled(consumer: string): Bus
  /** Lets time go by. */
  pass(ms: number): Promise<void>
  leaseMs: number
  close(): Promise<void>
}

export function busConformance(makeWorld: () => Promise<BusWorld>): void {
  describe('deliveries', () => {
    let world: BusWorld
    let bus: Bus
    beforeEach(async () => {
      world = await makeWorld()
      bus = await world.worker('w1', ['a', 'b'])
    })
    afterEach(() => world.close())

    /** Delivers one event to a stalled worker and lets its lease lapse. */
    const lapsedDelivery = async (): Promise<{ dead: Bus; held: Delivery }> => {
      const dead = world.stalled('dead')
      await bus.publish([post('a', 'e1')])
      const [held] = await pullSome(dead, { a: 1 })
      await world.pass(world.leaseMs)
      await until(() => bus.lapsed().suspects, 'the lapsed lease is noticed')
      return { dead, held: held! }
    }

    describe('acting alone', () => {
      const twice = async () => {
        await bus.publish([post('a', 'e1')])
        await bus.publish([post('a', 'e1', { again: true })])
        const [one, double] = await pullSome(bus, { a: 2 })
        return [one!, double!] as const
      }

      test('of two entries of one event only the first gets a permit until it is settled, also when it is retried', async () => {
        const [one, double] = await twice()
        expect(await bus.renew(one)).toBeDefined()
        expect(await bus.renew(one)).toBeDefined()
        expect(await bus.renew(double)).toBeUndefined()
        const retry = { ...nothing, posts: [post('a', 'e1', { attempt: 2 })] }
        expect(await bus.settle(one, retry)).toBe('settled')
        const [again] = await pullSome(bus, { a: 1 })
        expect(await bus.renew(again!)).toBeDefined()
        expect(await bus.renew(double)).toBeUndefined()
        expect(await bus.settle(again!, nothing)).toBe('settled')
        expect(await bus.renew(double)).toBeDefined()
      })

      test('the entry that acts goes on acting on the worker that takes it over', async () => {
        const { dead, held } = await lapsedDelivery()
        const [again] = await bus.claim(new Map([['a', 1]]), true)
        expect(await bus.renew(again!)).toBeDefined()
        expect(await dead.renew(held)).toBeUndefined()
      })

      test('what stood still too long with its permit does not keep the other entry from acting', async () => {
        const dead = world.stalled('dead')
        await bus.publish([post('a', 'e1')])
        const [held] = await pullSome(dead, { a: 1 })
        const permit = await dead.renew(held!)
        await bus.publish([post('a', 'e1', { again: true })])
        const [double] = await pullSome(bus, { a: 1 })
        expect(await bus.renew(double!)).toBeUndefined()
        await world.pass(world.leaseMs + 10)
        expect(permit).toThrow(PermitLapsed)
        expect(await bus.renew(double!)).toBeDefined()
        expect(await dead.renew(held!)).toBeUndefined()
      })
    })

    describe('handing out', () => {
      test('hands out events in the order they were posted', async () => {
        await bus.publish([post('a', 'e1'), post('a', 'e2')])
        await bus.publish([post('a', 'e3')])
        expect(ids(await pullSome(bus, { a: 9 }))).toEqual(['e1', 'e2', 'e3'])
      })

      test('hands out what was posted before anyone read the inbox', async () => {
        await bus.publish([post('late', 'e1')])
        expect(ids(await pullSome(bus, { late: 1 }))).toEqual(['e1'])
      })

      test('hands out no more than there is room for, each function for itself', async () => {
        await bus.publish(['1', '2', '3', '4', '5'].flatMap((n) => [post('a', `a${n}`), post('b', `b${n}`)]))
        expect(new Set(ids(await pullSome(bus, { a: 1, b: 3 })))).toEqual(new Set(['a1', 'b1', 'b2', 'b3']))
      })

      test('hands out nothing from a function without room', async () => {
        await bus.publish([post('a', 'a1'), post('b', 'b1')])
        expect(ids(await pullSome(bus, { a: 0, b: 1 }))).toEqual(['b1'])
        expect(await pullNow(bus, { a: 0 })).toEqual([])
        expect(await pullNow(bus, {})).toEqual([])
      })

      test('does not hand out twice what is leased', async () => {
        await bus.publish([post('a', 'e1')])
        await pullSome(bus, { a: 1 })
        expect(await pullNow(bus, { a: 9 })).toEqual([])
        expect(await pullNow(await world.worker('w2', ['a']), { a: 9 })).toEqual([])
      })

      test('tells everything about a fresh delivery', async () => {
        await bus.publish([post('a', 'e1', { event: event('e1', { list: [], big: 9007199254740991, text: 'ä"\n€' }) })])
        const [delivery] = await pullSome(bus, { a: 1 })
        expect(delivery).toMatchObject({ function: 'a', deliveries: 1, attempt: 1, firstFailureAt: undefined })
        expect(delivery!.event?.data).toEqual({ list: [], big: 9007199254740991, text: 'ä"\n€' })
        expect(delivery!.signal.aborted).toBe(false)
      })

      test.each([
        ['no JSON', ['e', '{"id":']],
        ['JSON but no envelope', ['e', '{"id":"x"}']],
        ['no envelope at all', ['other', 'field']],
        ['numbers that are none', ['e', 'x', 'a', 'many', 'f', 'early']],
      ])('hands out a malformed entry as it came: %s', async (_, fields) => {
        await bus.publish([], { guards: [], writes: [['XADD', bus.keys.inbox('a'), '*', ...fields]] })
        const [delivery] = await pullSome(bus, { a: 1 })
        expect(delivery).toMatchObject({ event: undefined, attempt: 1, firstFailureAt: undefined })
        expect(delivery!.raw).toBe(fields[0] === 'e' ? fields[1] : '')
        expect(await bus.settle(delivery!, nothing)).toBe('settled')
      })
    })

    describe('leases', () => {
      test('redelivers with the same id and one delivery more (B4)', async () => {
        const { held } = await lapsedDelivery()
        const [again] = await bus.claim(new Map([['a', 5]]), true)
        expect(again).toMatchObject({ entryId: held.entryId, deliveries: 2, attempt: 1, event: { id: 'e1' } })
      })

      test('does not take over a lease that has not lapsed', async () => {
        await bus.publish([post('a', 'e1')])
        await pullSome(world.stalled('other'), { a: 1 })
        expect(await bus.claim(new Map([['a', 5]]), true)).toEqual([])
      })

      test('hands out suspects one at a time, and never among those handed back (B5)', async () => {
        const dead = world.stalled('dead')
        await bus.publish([post('a', 'e1'), post('a', 'e2'), post('b', 'e3')])
        await pullSome(dead, { a: 2 })
        await pullSome(dead, { b: 1 })
        await world.pass(world.leaseMs)
        await until(() => bus.lapsed().suspects, 'the lapsed leases are noticed')
        const free = new Map([
          ['a', 9],
          ['b', 9],
        ])
        expect(await bus.claim(free, false)).toEqual([])
        const taken = [await bus.claim(free, true), await bus.claim(free, true), await bus.claim(free, true)]
        expect(taken.map(ids)).toEqual([['e1'], ['e2'], ['e3']])
        expect(await bus.claim(free, true)).toEqual([])
        expect(bus.lapsed().suspects).toBe(false)
      })

      test('takes over no more than there is room for', async () => {
        const leaving = await world.worker('leaving', ['a'])
        await bus.publish([post('a', 'e1'), post('a', 'e2'), post('a', 'e3')])
        await pullSome(leaving, { a: 3 })
        await leaving.release()
        await until(() => bus.lapsed().released, 'the release is noticed')
        expect(await bus.claim(new Map([['a', 0]]), false)).toEqual([])
        expect(ids(await bus.claim(new Map([['a', 2]]), false))).toEqual(['e1', 'e2'])
        expect(ids(await bus.claim(new Map([['a', 2]]), false))).toEqual(['e3'])
      })

      test('hands back with the delivery count as it was', async () => {
        const leaving = await world.worker('leaving', ['a'])
        await bus.publish([post('a', 'e1')])
        const [held] = await pullSome(leaving, { a: 1 })
        await leaving.release()
        expect(held!.signal.aborted).toBe(true)
        await until(() => bus.lapsed().released, 'the release is noticed')
        expect(bus.lapsed().suspects).toBe(false)
        const [again] = await bus.claim(new Map([['a', 1]]), false)
        expect(again).toMatchObject({ entryId: held!.entryId, deliveries: 1 })
        expect(await leaving.settle(held!, nothing)).toBe('fenced')
        expect(await bus.settle(again!, nothing)).toBe('settled')
      })

      test('keeps a suspect a suspect when it is handed back', async () => {
        await lapsedDelivery()
        const second = await world.worker('second', ['a'])
        await until(() => second.lapsed().suspects, 'the lapsed lease is noticed')
        await second.claim(new Map([['a', 1]]), true)
        await second.release()
        expect(await bus.claim(new Map([['a', 1]]), false)).toEqual([])
        expect(await bus.claim(new Map([['a', 1]]), true)).toMatchObject([{ deliveries: 2 }])
      })
    })

    describe('fence', () => {
      const writes = (b: Bus): Transaction['writes'] => [['HSET', `${b.keys.prefix}:mark`, 'by', 'loser']]
      const expectNothingWritten = async () => {
        expect(await bus.keyspace.hash(`${bus.keys.prefix}:mark`)).toEqual({})
        expect(await bus.keyspace.length(bus.keys.inbox('b'))).toBe(0)
      }

      test('refuses the worker that lost its lease to another (B3)', async () => {
        const { dead, held } = await lapsedDelivery()
        await bus.claim(new Map([['a', 1]]), true)
        expect(await dead.settle(held, { guards: [], writes: writes(bus), posts: [post('b', 'x')] })).toBe('fenced')
        await expectNothingWritten()
      })

      test('refuses an earlier delivery to the same worker (B3)', async () => {
        const { dead, held } = await lapsedDelivery()
        await dead.claim(new Map([['a', 1]]), true)
        expect(await dead.settle(held, { guards: [], writes: writes(bus), posts: [post('b', 'x')] })).toBe('fenced')
        await expectNothingWritten()
      })

      test('does nothing when settled again (B3)', async () => {
        await bus.publish([post('a', 'e1')])
        const [delivery] = await pullSome(bus, { a: 1 })
        const settlement = { guards: [], writes: [], posts: [post('b', 'x')] }
        expect(await bus.settle(delivery!, settlement)).toBe('settled')
        expect(await bus.settle(delivery!, settlement)).toBe('fenced')
        expect(await bus.keyspace.length(bus.keys.inbox('b'))).toBe(1)
      })

      test('of two settles of one delivery at once the first counts (R1)', async () => {
        await bus.publish([post('a', 'e1')])
        const [delivery] = await pullSome(bus, { a: 1 })
        const settlement = { guards: [], writes: [], posts: [post('b', 'x')] }
        const results = await Promise.all([bus.settle(delivery!, settlement), bus.settle(delivery!, settlement)])
        expect(results).toEqual(['settled', 'fenced'])
        expect(await bus.keyspace.length(bus.keys.inbox('b'))).toBe(1)
      })

      test('lets the lease holder settle, and nothing is left', async () => {
        await lapsedDelivery()
        const [again] = await bus.claim(new Map([['a', 1]]), true)
        expect(await bus.settle(again!, nothing)).toBe('settled')
        expect(await bus.keyspace.length(bus.keys.inbox('a'))).toBe(0)
      })
    })
  })
}
