/** What every {@link Bus} checks, writes and posts in one step, whatever it stands on. */
import { afterEach, beforeEach, describe, expect, onTestFinished, test, vi } from 'vitest'
import type { Bus } from '../../lib/bus/bus.ts'
import type { Guard, Transaction } from '../../lib/bus/transaction.ts'
import type { BusWorld } from './bus.conformance.ts'
import { ids, nothing, post, pullNow, pullSome } from './bus-events.ts'

export function settleConformance(makeWorld: () => Promise<BusWorld>): void {
  describe('settling', () => {
    let world: BusWorld
    let bus: Bus
    beforeEach(async () => {
      world = await makeWorld()
      bus = await world.worker('w1', ['a', 'b'])
    })
    afterEach(() => world.close())

    describe('guards', () => {
      const key = () => `${bus.keys.prefix}:r`
      const prepare = () =>
        bus.publish([], {
          guards: [],
          writes: [
            ['HSET', key(), 'status', 'queued', 'revision', '3'],
            ['SADD', `${key()}:set`, 'one'],
            ['SADD', `${key()}:set`, 'two'],
          ],
        })
      const guards = (): [string, Guard, Guard][] => [
        [
          'field',
          { if: 'field', key: key(), field: 'revision', is: '3', else: 'stale' },
          { if: 'field', key: key(), field: 'revision', is: '2', else: 'stale' },
        ],
        [
          'missing field',
          { if: 'field', key: key(), field: 'none', is: '', else: 'illegal' },
          { if: 'field', key: `${key()}:none`, field: 'x', is: 'y', else: 'illegal' },
        ],
        [
          'field-among',
          { if: 'field-among', key: key(), field: 'status', among: ['running', 'queued'], else: 'illegal' },
          { if: 'field-among', key: key(), field: 'status', among: ['running', 'que'], else: 'illegal' },
        ],
        [
          'field-among of nothing',
          { if: 'field-among', key: key(), field: 'none', among: [''], else: 'illegal' },
          { if: 'field-among', key: key(), field: 'none', among: [], else: 'illegal' },
        ],
        [
          'room',
          { if: 'room', key: `${key()}:set`, below: 3, else: 'stale' },
          { if: 'room', key: `${key()}:set`, below: 2, else: 'stale' },
        ],
        [
          'exists',
          { if: 'exists', key: key(), else: 'stale' },
          { if: 'exists', key: `${key()}:none`, else: 'illegal' },
        ],
        [
          'absent',
          { if: 'absent', key: `${key()}:none`, else: 'stale' },
          { if: 'absent', key: key(), else: 'illegal' },
        ],
      ]

      test.each([0, 1, 2, 3, 4, 5, 6])('guard %# lets through what holds and refuses what does not (B2)', async (n) => {
        await prepare()
        const [, holds, fails] = guards()[n]!
        const writes: Transaction['writes'] = [['SET', `${key()}:mark`, 'written', 'PX', '60000']]
        await bus.publish([post('a', 'e1')])
        const [delivery] = await pullSome(bus, { a: 1 })
        const refused = { guards: [holds, fails], writes, posts: [post('b', 'x')] }
        expect(await bus.settle(delivery!, refused)).toBe(fails.else)
        expect(await bus.keyspace.get(`${key()}:mark`)).toBeUndefined()
        expect(await bus.keyspace.length(bus.keys.inbox('b'))).toBe(0)
        expect(await bus.settle(delivery!, { ...refused, guards: [holds] })).toBe('settled')
        expect(await bus.keyspace.get(`${key()}:mark`)).toBe('written')
      })

      test('answers with the first guard that refuses', async () => {
        const absent: Guard = { if: 'exists', key: `${key()}:none`, else: 'stale' }
        expect(await bus.publish([], { guards: [absent, { ...absent, else: 'illegal' }], writes: [] })).toBe('stale')
        expect(await bus.publish([], { guards: [{ ...absent, else: 'illegal' }, absent], writes: [] })).toBe('illegal')
      })
    })

    test('of many settled at once each is judged by itself', async () => {
      const key = `${bus.keys.prefix}:r`
      await bus.publish(
        Array.from({ length: 40 }, (_, n) => post(n % 2 ? 'a' : 'b', `e${n}`)),
        { guards: [], writes: [['HSET', key, 'revision', '1']] },
      )
      const deliveries = [...(await pullSome(bus, { a: 20 })), ...(await pullSome(bus, { b: 20 }))]
      const settled = deliveries.map(async (delivery, n) => {
        const is = n % 3 === 0 ? '1' : 'other'
        const guards: Guard[] = [{ if: 'field', key, field: 'revision', is, else: 'stale' }]
        const writes: Transaction['writes'] = [['SET', `${key}:${n}`, 'written', 'PX', '60000']]
        return bus.settle(delivery, { guards, writes, posts: [post('c', `after ${n}`)] })
      })
      const expected = deliveries.map((_, n) => (n % 3 === 0 ? 'settled' : 'stale'))
      expect(await Promise.all(settled)).toEqual(expected)
      const written = await Promise.all(deliveries.map((_, n) => bus.keyspace.get(`${key}:${n}`)))
      expect(written).toEqual(expected.map((result) => (result === 'settled' ? 'written' : undefined)))
      const through = expected.flatMap((result, n) => (result === 'settled' ? [`after ${n}`] : []))
      expect(ids(await pullSome(bus, { c: 40 }))).toEqual(through)
      const left = (await bus.keyspace.length(bus.keys.inbox('a'))) + (await bus.keyspace.length(bus.keys.inbox('b')))
      expect(left).toBe(40 - through.length)
    })

    describe('posts', () => {
      test('an event is in one place at a time, from the delayed set to the dead letters (B1)', async () => {
        const places = async () => [
          await bus.keyspace.count(bus.keys.delayed),
          await bus.keyspace.length(bus.keys.inbox('a')),
          await bus.keyspace.length(bus.keys.dead),
        ]
        await bus.publish([post('a', 'e1', { delayMs: 200 })])
        expect(await places()).toEqual([1, 0, 0])
        await world.pass(200)
        const [delivery] = await pullSome(bus, { a: 1 })
        expect(await places()).toEqual([0, 1, 0])
        await bus.settle(delivery!, { ...nothing, posts: [post('a', 'e1', { attempt: 2, delayMs: 200 })] })
        expect(await places()).toEqual([1, 0, 0])
        await world.pass(200)
        const [again] = await pullSome(bus, { a: 1 })
        await bus.settle(again!, { ...nothing, writes: [['XADD', bus.keys.dead, '*', 'e', 'e1']] })
        expect(await places()).toEqual([0, 0, 1])
      })

      test('a worker whose own clock is a day ahead sees nothing early and takes over no lease (B6)', async () => {
        const now = Date.now
        const serverMs = bus.now().getTime()
        vi.spyOn(Date, 'now').mockImplementation(() => now() + 86_400_000)
        onTestFinished(() => void vi.restoreAllMocks())
        await bus.publish([post('a', 'held'), post('b', 'later', { delayMs: 600_000 })])
        await pullSome(bus, { a: 1 })
        const ahead = await world.worker('ahead', ['a', 'b'])
        expect(await pullNow(ahead, { b: 1 })).toEqual([])
        expect(await ahead.claim(new Map([['a', 1]]), true)).toEqual([])
        await ahead.publish([post('c', 'failed', { attempt: 2, firstFailureAt: 'now' })])
        const [failed] = await pullSome(ahead, { c: 1 })
        expect(Math.abs(failed!.firstFailureAt! - serverMs)).toBeLessThan(60_000)
      })

      test('a settle posts to many inboxes and acknowledges in one step (B2)', async () => {
        await bus.publish([post('a', 'e1')])
        const [delivery] = await pullSome(bus, { a: 1 })
        await bus.settle(delivery!, { guards: [], writes: [], posts: [post('b', 'x'), post('c', 'x')] })
        expect(await bus.keyspace.length(bus.keys.inbox('a'))).toBe(0)
        expect(ids(await pullSome(bus, { b: 5 }))).toEqual(['x'])
        expect(ids(await pullSome(bus, { c: 5 }))).toEqual(['x'])
      })

      test('a delayed event comes when it is due, with its attempt and first failure', async () => {
        const before = bus.now().getTime()
        await bus.publish([post('a', 'e1', { delayMs: 300, attempt: 3, firstFailureAt: 1234 })])
        expect(await bus.keyspace.length(bus.keys.inbox('a'))).toBe(0)
        expect(await pullNow(bus, { a: 1 })).toEqual([])
        await world.pass(300)
        const [delivery] = await pullSome(bus, { a: 1 })
        expect(delivery).toMatchObject({ attempt: 3, firstFailureAt: 1234, deliveries: 1, event: { id: 'e1' } })
        expect(bus.now().getTime()).toBeGreaterThanOrEqual(before + 300 - 5)
      })

      test('the first failure is stamped by the server', async () => {
        await bus.publish([post('a', 'e1', { attempt: 2, firstFailureAt: 'now' })])
        const [delivery] = await pullSome(bus, { a: 1 })
        expect(Math.abs(delivery!.firstFailureAt! - bus.now().getTime())).toBeLessThan(5000)
      })

      test('a retry keeps the event and raises the attempt (B4)', async () => {
        await bus.publish([post('a', 'e1')])
        const [first] = await pullSome(bus, { a: 1 })
        const retry = { to: 'a', event: first!.event!, delayMs: 20, attempt: 2, firstFailureAt: 'now' as const }
        await bus.settle(first!, { guards: [], writes: [], posts: [retry] })
        await world.pass(20)
        const [second] = await pullSome(bus, { a: 1 })
        expect(second).toMatchObject({ attempt: 2, deliveries: 1, event: first!.event })
        expect(second!.firstFailureAt).toBeTypeOf('number')
      })

      test('publishing an event again does nothing, even once it is settled', async () => {
        await bus.publish([post('a', 'e1')])
        await bus.publish([post('a', 'e1'), post('b', 'e1'), post('a', 'e2')])
        const deliveries = await pullSome(bus, { a: 9 })
        expect(ids(deliveries)).toEqual(['e1', 'e2'])
        for (const delivery of deliveries) await bus.settle(delivery, nothing)
        expect(await bus.publish([post('a', 'e1')])).toBe('settled')
        expect(await bus.publish([post('a', 'e1', { delayMs: 1 })])).toBe('settled')
        await world.pass(1)
        expect(await pullNow(bus, { a: 9 })).toEqual([])
        expect(ids(await pullSome(bus, { b: 9 }))).toEqual(['e1'])
      })

      test('publishing again repeats neither the writes nor the guards that came with it', async () => {
        const key = `${bus.keys.prefix}:record`
        const absent: Guard = { if: 'absent', key, else: 'illegal' }
        const publish = () => bus.publish([post('a', 'e1')], { guards: [absent], writes: [['HSET', key, 'x', '1']] })
        expect(await publish()).toBe('settled')
        expect(await publish()).toBe('settled')
        expect(ids(await pullSome(bus, { a: 9 }))).toEqual(['e1'])
      })

      test('a replay is published although its event was published before', async () => {
        await bus.publish([post('a', 'e1')])
        const [delivery] = await pullSome(bus, { a: 1 })
        await bus.settle(delivery!, nothing)
        await bus.publish([post('a', 'e1', { again: true })])
        expect(ids(await pullSome(bus, { a: 1 }))).toEqual(['e1'])
      })

      test('a publish whose guard refuses posts nothing and remembers nothing', async () => {
        const exists: Guard = { if: 'exists', key: `${bus.keys.prefix}:none`, else: 'stale' }
        expect(await bus.publish([post('a', 'e1')], { guards: [exists], writes: [] })).toBe('stale')
        expect(await bus.publish([post('a', 'e1')])).toBe('settled')
        expect(ids(await pullSome(bus, { a: 9 }))).toEqual(['e1'])
      })
    })
  })
}
