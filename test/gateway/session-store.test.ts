/** The two stores of sessions, under one suite; and what is Redis's own: that nothing stays there. */
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { makeSessionStore } from '../../infra/redis/session-store.ts'
import { MemoryServer } from '../../lib/bus/memory/memory-bus.ts'
import { RedisBus } from '../../lib/bus/redis/redis-bus.ts'
import type { SessionBounds, SessionStore } from '../../lib/gateway/sessions/session-store.ts'
import { startRedis, type TestRedis } from '../support/redis.ts'
import { sessionStoreConformance, type StoreStage } from './session-store.conformance.ts'
import { makeMemorySessionStore } from './support/memory-session-store.ts'
import { makeId } from './support/world.ts'

const newsOf = (entries: readonly { fields: Readonly<Record<string, string>> }[]) =>
  entries.map(({ fields: { session = '', kind = '', value = '' } }) => [session, kind, value] as const)

describe('in memory', () => {
  sessionStoreConformance(async (bounds): Promise<StoreStage> => {
    let nowMs = 1_800_000_000_000
    const server = new MemoryServer({ now: () => nowMs, leaseMs: 1000 })
    const store = makeMemorySessionStore({ server, makeId, ...bounds })
    return {
      store,
      async pass(ms) {
        nowMs += ms
      },
      news: async () => newsOf(server.keyspace.stream(store.newsKey)),
      async close() {},
    }
  })
})

describe('on Redis', () => {
  let redis: TestRedis
  let stages = 0
  beforeAll(async () => {
    redis = await startRedis()
  })
  afterAll(() => redis.stop())

  async function redisStage(bounds: SessionBounds): Promise<StoreStage & { keys(): Promise<string[]> }> {
    const bus = new RedisBus({ url: redis.url, name: `sessions-${(stages += 1)}`, consumer: 'c' })
    const { connection, keys: busKeys } = bus
    const { prefix } = busKeys
    const store: SessionStore = makeSessionStore({ connection, prefix, makeId, ...bounds })
    const keys = (pattern = 'session') =>
      connection.call((client) => client.keys(`${prefix}:${pattern}*`)) as Promise<string[]>
    return {
      store,
      keys,
      /** All that a session's age is judged by is older by so much. */
      async pass(ms) {
        for (const index of await keys('sessions')) {
          const members = await connection.call((client) => client.zRange(index, 0, -1))
          for (const id of members) await connection.call((client) => client.zIncrBy(index, -ms, id))
        }
      },
      news: async () => newsOf(await bus.keyspace.entries(store.newsKey, '-', 1000)),
      close: () => bus.close(),
    }
  }

  sessionStoreConformance(redisStage)

  test('a session that nobody uses leaves nothing', async () => {
    const stage = await redisStage({ idleMs: 200, sessionsMax: 5, sessionsMaxPerCaller: 5 })
    const client = { protocolVersion: '2025-11-25', capabilities: {}, clientInfo: { name: 'c', version: '1' } }
    await stage.store.subscribe((await stage.store.open(client, 'a'))!, 'nessus://scans')
    expect(await stage.keys()).toHaveLength(4)
    while ((await stage.keys()).length > 0) await sleep(20)
    await stage.close()
  })

  test.each(['x', '../../scan', 'a'.repeat(300)])(
    'an id that was never given out does not reach it: %s',
    async (id) => {
      const connection = { call: () => Promise.reject(new Error('it did')) }
      const bounds = { idleMs: 1000, sessionsMax: 1, sessionsMaxPerCaller: 1 }
      const store = makeSessionStore({ connection, prefix: '{x}', ...bounds, makeId: () => id })
      expect(await store.use(id, '')).toBeUndefined()
      expect(await store.end(id, '')).toBe(false)
    },
  )
})
