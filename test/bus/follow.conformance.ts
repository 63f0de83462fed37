/** How every {@link Bus} lets streams be followed, whatever it stands on. */
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { Bus } from '../../lib/bus/bus.ts'
import type { Followed, Follower } from '../../lib/bus/follow.ts'
import type { BusWorld } from './bus.conformance.ts'
import { until } from './bus-events.ts'

export function followConformance(makeWorld: () => Promise<BusWorld>): void {
  describe('following', () => {
    let world: BusWorld
    let bus: Bus
    let followers: Follower[] = []
    beforeEach(async () => {
      world = await makeWorld()
      bus = await world.worker('w1', [])
    })
    afterEach(async () => {
      for (const follower of followers) follower.close()
      followers = []
      await world.close()
    })

    const k = (suffix: string) => `${bus.keys.prefix}:${suffix}`
    const say = (stream: string, ...words: string[]) =>
      bus.publish([], { guards: [], writes: words.map((word) => ['XADD', k(stream), '*', 'word', word] as const) })
    const follow = async (by: Bus, ...streams: Followed[]) => {
      const follower = by.follow(streams)
      followers.push(follower)
      await follower.ready
      return follower
    }
    const ear = (stream: string, from: Followed['from'], more: Partial<Followed> = {}) => {
      const heard: string[] = []
      const hear: Followed['hear'] = ({ word = '' }) => void heard.push(word)
      return { heard, followed: { key: k(stream), from, hear, ...more } }
    }

    test('hears what is said from now on, or all from the beginning, once and in order (F1)', async () => {
      await say('s', 'before')
      const [now, all] = [ear('s', 'now'), ear('s', 'beginning')]
      await follow(bus, now.followed)
      await follow(bus, all.followed)
      await say('s', 'one', 'two')
      await say('s', 'three')
      await until(() => now.heard.includes('three') && all.heard.includes('three'), 'both hear the last word')
      expect(now.heard).toEqual(['one', 'two', 'three'])
      expect(all.heard).toEqual(['before', 'one', 'two', 'three'])
    })

    test('hears several streams, those too that begin later, and what other buses say', async () => {
      const [one, other] = [ear('one', 'now'), ear('other', 'now')]
      await follow(world.stalled('w2'), one.followed, other.followed)
      await say('one', 'a')
      await say('other', 'b')
      await until(() => one.heard.length + other.heard.length === 2, 'both are heard')
      expect([one.heard, other.heard]).toEqual([['a'], ['b']])
    })

    test('tells each entry with its id', async () => {
      const ids: string[] = []
      await follow(bus, { key: k('s'), from: 'now', hear: (_fields, id) => void ids.push(id) })
      await say('s', 'one')
      await until(() => ids.length === 1, 'it is heard')
      expect(ids).toEqual([(await bus.keyspace.newest(k('s')))?.id])
    })

    test('a listener that throws keeps neither itself nor others from hearing on', async () => {
      const deaf: string[] = []
      const hear: Followed['hear'] = ({ word = '' }) => {
        deaf.push(word)
        throw new Error('no')
      }
      const other = ear('s', 'now')
      await follow(bus, { key: k('t'), from: 'now', hear }, other.followed)
      await say('t', 'one', 'two')
      await say('s', 'three')
      await until(() => other.heard.length === 1 && deaf.length === 2, 'all is heard')
      expect(deaf).toEqual(['one', 'two'])
    })

    test('hears nothing once it is closed', async () => {
      const [closed, open] = [ear('s', 'now'), ear('s', 'now')]
      const follower = await follow(bus, closed.followed)
      await follow(bus, open.followed)
      follower.close()
      await say('s', 'late')
      await until(() => open.heard.length === 1, 'the other hears it')
      expect(closed.heard).toEqual([])
    })

    test('what only one hears may be dropped, and is heard all the same', async () => {
      const one = ear('s', 'beginning', { drop: true })
      await say('s', 'before')
      await follow(bus, one.followed)
      await say('s', 'after')
      await until(() => one.heard.length === 2, 'both are heard')
      expect(one.heard).toEqual(['before', 'after'])
    })
  })
}
