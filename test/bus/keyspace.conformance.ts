/** What every {@link Write} does and every question of a {@link Keyspace} answers, whatever holds the data. */
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { Bus } from '../../lib/bus/bus.ts'
import { NOT_A_HASH } from '../../lib/bus/keyspace.ts'
import type { Write } from '../../lib/bus/transaction.ts'
import type { BusWorld } from './bus.conformance.ts'

export function keyspaceConformance(makeWorld: () => Promise<BusWorld>): void {
  describe('keyspace', () => {
    let world: BusWorld
    let bus: Bus
    beforeEach(async () => {
      world = await makeWorld()
      bus = await world.worker('w1', [])
    })
    afterEach(() => world.close())
    const k = (suffix: string) => `${bus.keys.prefix}:${suffix}`
    const write = (...writes: Write[]) => bus.publish([], { guards: [], writes })

    test('hashes: set, overwrite, remove fields; empty ones are gone', async () => {
      await write(['HSET', k('h'), 'a', '1', 'b', '2'], ['HSET', k('h'), 'a', '3'], ['HSET', k('g'), 'x', ''])
      expect(await bus.keyspace.hash(k('h'))).toEqual({ a: '3', b: '2' })
      expect(await bus.keyspace.hashes([k('g'), k('none'), k('h')])).toEqual([{ x: '' }, {}, { a: '3', b: '2' }])
      await write(['HDEL', k('h'), 'a', 'b', 'c'], ['HDEL', k('none'), 'a'])
      expect(await bus.keyspace.hash(k('h'))).toEqual({})
      const gone = { if: 'absent', key: k('h'), else: 'illegal' } as const
      expect(await bus.publish([], { guards: [gone], writes: [] })).toBe('settled')
    })

    test('what is read as a hash and is none keeps the others from nothing', async () => {
      await write(['HSET', k('h'), 'a', '1'], ['SADD', k('s'), 'x'], ['ZADD', k('z'), '1', 'x'])
      const none = { [NOT_A_HASH]: 'yes' }
      expect(await bus.keyspace.hashes([k('s'), k('h'), k('z')])).toEqual([none, { a: '1' }, none])
      expect(await bus.keyspace.hash(k('s'))).toEqual(none)
    })

    test('one field of a hash', async () => {
      await write(['HSET', k('h'), 'a', '1'])
      const { keyspace } = bus
      expect([await keyspace.field(k('h'), 'a'), await keyspace.field(k('h'), 'b')]).toEqual(['1', undefined])
      expect(await keyspace.field(k('none'), 'a')).toBeUndefined()
    })

    test('some fields of a hash, in the order asked, and the names of all', async () => {
      const pairs = Array.from({ length: 1200 }, (_, n) => [`f${n}`, String(n)]).flat()
      await write(['HSET', k('h'), ...pairs])
      const { keyspace } = bus
      expect(await keyspace.fields(k('h'), ['f2', 'none', 'f1'])).toEqual(['2', undefined, '1'])
      const all = Array.from({ length: 1200 }, (_, n) => `f${n}`)
      expect(await keyspace.fields(k('h'), all)).toEqual(all.map((name) => name.slice(1)))
      expect(new Set(await keyspace.fieldNames(k('h')))).toEqual(new Set(all))
      expect([await keyspace.fields(k('h'), []), await keyspace.fields(k('none'), ['a'])]).toEqual([[], [undefined]])
      expect(await keyspace.fieldNames(k('none'))).toEqual([])
    })

    test('counts in a hash: raised from nothing and from what is there', async () => {
      await write(['HINCRBY', k('n'), 'a', '1'], ['HINCRBY', k('n'), 'a', '41'], ['HINCRBY', k('n'), 'b', '2'])
      expect(await bus.keyspace.hash(k('n'))).toEqual({ a: '42', b: '2' })
    })

    test('sets: add, remove, count', async () => {
      await write(['SADD', k('s'), 'x'], ['SADD', k('s'), 'x'], ['SADD', k('s'), 'y'], ['SREM', k('s'), 'none'])
      expect(new Set(await bus.keyspace.members(k('s')))).toEqual(new Set(['x', 'y']))
      expect(await bus.keyspace.size(k('s'))).toBe(2)
      await write(['SREM', k('s'), 'x'], ['SREM', k('s'), 'y'])
      expect(await bus.keyspace.members(k('s'))).toEqual([])
      expect(await bus.keyspace.size(k('s'))).toBe(0)
    })

    test('sorted sets: by rank, by score, both ways', async () => {
      const z = k('z')
      await write(['ZADD', z, '3', 'c'], ['ZADD', z, '1', 'a'], ['ZADD', z, '2', 'b2'], ['ZADD', z, '2', 'b1'])
      await write(['ZADD', z, '9', 'late'], ['ZADD', z, '0.5', 'late'])
      const { keyspace } = bus
      expect(await keyspace.range(z, 0, -1)).toEqual(['late', 'a', 'b1', 'b2', 'c'])
      expect(await keyspace.range(z, 0, 1, { reverse: true })).toEqual(['c', 'b2'])
      expect(await keyspace.range(z, 1, -2)).toEqual(['a', 'b1', 'b2'])
      expect(await keyspace.range(z, 5, 9)).toEqual([])
      expect(await keyspace.ranked(z, 0, 1)).toEqual([
        { member: 'late', score: 0.5 },
        { member: 'a', score: 1 },
      ])
      expect(await keyspace.upTo(z, 2, 3)).toEqual(['late', 'a', 'b1'])
      expect(await keyspace.upTo(z, 2, 9)).toEqual(['late', 'a', 'b1', 'b2'])
      expect(await keyspace.rank(z, 'b1')).toBe(2)
      expect(await keyspace.rank(z, 'none')).toBeUndefined()
      expect(await keyspace.score(z, 'c')).toBe(3)
      expect(await keyspace.score(z, 'none')).toBeUndefined()
      expect(await keyspace.count(z)).toBe(5)
      expect(await keyspace.count(z, 2)).toBe(2)
      await write(['ZREM', z, 'a'], ['ZREM', z, 'none'])
      expect(await keyspace.count(z)).toBe(4)
      expect(await keyspace.count(k('none'))).toBe(0)
      expect(await keyspace.range(k('none'), 0, -1)).toEqual([])
    })

    test('strings expire, unless made to stay', async () => {
      await write(['SET', k('short'), 'x', 'PX', '100'], ['SET', k('kept'), 'y', 'PX', '100'], ['PERSIST', k('kept')])
      expect(await bus.keyspace.get(k('short'))).toBe('x')
      await world.pass(120)
      expect(await bus.keyspace.get(k('short'))).toBeUndefined()
      expect(await bus.keyspace.get(k('kept'))).toBe('y')
      expect(await bus.keyspace.get(k('none'))).toBeUndefined()
    })

    test('an expiry falls to the key it was set on, not to a later one of the same name', async () => {
      await write(['PEXPIRE', k('h'), '50'], ['HSET', k('h'), 'a', '1'])
      await write(['HSET', k('g'), 'a', '1'], ['PEXPIRE', k('g'), '50'], ['DEL', k('g')], ['HSET', k('g'), 'a', '2'])
      await write(['HSET', k('e'), 'a', '1'], ['PEXPIRE', k('e'), '50'])
      await world.pass(80)
      expect(await bus.keyspace.hashes([k('h'), k('g'), k('e')])).toEqual([{ a: '1' }, { a: '2' }, {}])
    })

    test('streams: append, read from an id, delete, length', async () => {
      const s = k('stream')
      await write(
        ['XADD', s, '*', 'n', '1'],
        ['XADD', s, 'MAXLEN', '~', '1000', '*', 'n', '2'],
        ['XADD', s, '*', 'n', '3'],
      )
      const all = await bus.keyspace.entries(s, '-', 10)
      expect(all.map(({ fields }) => fields)).toEqual([{ n: '1' }, { n: '2' }, { n: '3' }])
      expect(await bus.keyspace.entries(s, all[1]!.id, 1)).toEqual([all[1]])
      await write(['XDEL', s, all[1]!.id], ['XDEL', s, '1-1'])
      expect(await bus.keyspace.entries(s, '-', 10)).toEqual([all[0], all[2]])
      expect(await bus.keyspace.newest(s)).toEqual(all[2])
      expect(await bus.keyspace.newest(k('none'))).toBeUndefined()
      expect(await bus.keyspace.length(s)).toBe(2)
      expect(await bus.keyspace.length(k('none'))).toBe(0)
      expect(await bus.keyspace.entries(k('none'), '-', 10)).toEqual([])
    })

    test('a bounded stream keeps its newest entries and does not grow for ever', async () => {
      const s = k('log')
      const appends = Array.from({ length: 500 }, (_, n): Write => [
        'XADD',
        s,
        'MAXLEN',
        '~',
        '100',
        '*',
        'n',
        String(n),
      ])
      await write(...appends)
      const kept = await bus.keyspace.entries(s, '-', 1000)
      expect(kept.at(-1)!.fields).toEqual({ n: '499' })
      expect(kept.length).toBeGreaterThanOrEqual(100)
      expect(kept.length).toBeLessThan(301)
    })
  })
}
