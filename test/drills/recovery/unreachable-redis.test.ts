/** Redis killed, frozen or behind a link that swallows everything: calls are answered, and all goes on by itself. */
import { expect, test } from 'vitest'
import { startLinkProxy } from '../../bus/link-proxy.ts'
import { callTool, errorOf } from '../../support/http-tools.ts'
import type { TestRedis } from '../../support/redis.ts'
import { ONCE, openHere, startSystem } from './support/system.ts'

/** Longer than any call may take to be answered, by far. */
const PATIENCE_MS = 40_000

interface Outage {
  readonly begin: (redis: TestRedis) => Promise<void> | void
  readonly end: (redis: TestRedis) => Promise<void> | void
}

test.each<[string, Outage]>([
  ['killed', { begin: (redis) => redis.kill(), end: (redis) => redis.restart() }],
  ['frozen', { begin: (redis) => redis.freeze(), end: (redis) => redis.thaw() }],
])(
  'Redis %s: calls are told that it is unavailable, /health too, and every scan ends once it is back',
  async (_, outage) => {
    const lab = openHere()
    const redis = await lab.redis({ fsync: 'always' })
    const system = await startSystem(lab, { redisUrl: redis.url, scanSeconds: 2 })
    const taskIds = await Promise.all(['one', 'two'].map((name) => system.submit(name)))
    await system.reach(taskIds[0]!, 'scanning')
    await outage.begin(redis)
    const refused = await callTool(system.gateway.url, 'list_tasks', {}, { timeoutMs: PATIENCE_MS })
    expect(refused.status).toBe(503)
    expect(errorOf(refused)).toMatchObject({ code: 'unavailable' })
    expect(errorOf(refused).message).toMatch(/^Redis (cannot be reached|went away)/)
    expect(await system.health()).toMatchObject({ redis_healthy: false, filesystem_healthy: true, response_code: 503 })
    await outage.end(redis)
    const statuses = await Promise.all(taskIds.map((taskId) => system.ended(taskId)))
    expect(statuses.map(({ status }) => status)).toEqual(['completed', 'completed'])
    expect(await system.tally(taskIds)).toEqual([ONCE, ONCE])
    expect(await system.health()).toMatchObject({ overall_status: 'healthy' })
    expect([system.gateway.program.running, system.worker.running]).toEqual([true, true])
  },
  120_000,
)

test('a link that silently swallows everything is given up for a new one, and nobody is restarted', async () => {
  const lab = openHere()
  const redis = await lab.redis()
  const proxy = await startLinkProxy(redis.socket)
  const system = await startSystem(lab, { redisUrl: proxy.url, scanSeconds: 2 })
  const taskId = await system.submit('swallowed')
  await system.reach(taskId, 'scanning')
  proxy.blackHole()
  expect(await system.ended(taskId)).toMatchObject({ status: 'completed' })
  const after = await system.submit('after')
  expect(await system.ended(after)).toMatchObject({ status: 'completed' })
  expect(await system.tally([taskId, after])).toEqual([ONCE, ONCE])
  await proxy.close()
}, 120_000)
