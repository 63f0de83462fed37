/** A Redis that has no memory left, or that was told to make room by forgetting. */
import { tmpdir } from 'node:os'
import { expect, test } from 'vitest'
import { silentLog, type Log } from '../../../lib/base/log.ts'
import { Connection } from '../../../lib/bus/redis/connection/connection.ts'
import { watchRedis } from '../../../infra/redis/watch.ts'
import { workerHealth } from '../../../infra/processes/health.ts'
import { callTool, errorOf, resultOf } from '../../support/http-tools.ts'
import { ONCE, openHere, startSystem } from './support/system.ts'
import type { TestRedis } from '../../support/redis.ts'

/** Sends one command on a connection of its own. */
async function tell(redis: Pick<TestRedis, 'url'>, ...command: string[]): Promise<unknown> {
  const connection = new Connection({ url: redis.url, deadlineMs: 3000, log: silentLog })
  try {
    return await connection.call((client) => client.sendCommand(command))
  } finally {
    connection.close()
  }
}

const REMEDY =
  /^Redis is out of memory.*maxmemory \d+\).*new scans are refused.*CONFIG SET maxmemory.*nessus-mcp delete/s

test('out of memory: running scans end, results are read, new scans are refused with the remedy until there is some again', async () => {
  const lab = openHere()
  const redis = await lab.redis()
  const system = await startSystem(lab, { redisUrl: redis.url, scanSeconds: 2 })
  const running = await system.submit('running')
  await system.reach(running, 'scanning')
  await tell(redis, 'CONFIG', 'SET', 'maxmemory', '1')
  const refused = await callTool(system.gateway.url, 'run_untrusted_scan', { targets: '192.0.2.8', name: 'refused' })
  expect(refused.status).toBe(429)
  expect(errorOf(refused)).toMatchObject({ code: 'busy' })
  expect(errorOf(refused).message).toMatch(/^Redis is out of memory.*maxmemory.*delete_scan/s)
  const health = await system.health()
  expect(health).toMatchObject({ overall_status: 'degraded', redis_healthy: true, response_code: 200 })
  expect(health['problems']).toEqual([expect.stringMatching(REMEDY)])
  expect(await (await fetch(`${system.gateway.url}/metrics`)).text()).toMatch(/^nessus_redis_memory_share [1-9]/m)
  // What reads, stops and deletes must still reach it: deleting is one of the remedies.
  expect((await fetch(`${system.gateway.url}/ready`)).status).toBe(200)
  expect(await system.ended(running)).toMatchObject({ status: 'completed' })
  expect(await resultOf(system.gateway.url, 'list_tasks', {})).toMatchObject({ total: 1 })
  await tell(redis, 'CONFIG', 'SET', 'maxmemory', '0')
  expect(await system.health()).toMatchObject({ overall_status: 'healthy', problems: [] })
  const after = await system.submit('after')
  expect(await system.ended(after)).toMatchObject({ status: 'completed' })
  expect(await system.tally([running, after])).toEqual([ONCE, ONCE])
})

test('an eviction policy set under a running system makes it unhealthy, and says what to do, until it is set back', async () => {
  const lab = openHere()
  const redis = await lab.redis()
  const system = await startSystem(lab, { redisUrl: redis.url })
  expect(await system.health()).toMatchObject({ overall_status: 'healthy' })
  await tell(redis, 'CONFIG', 'SET', 'maxmemory-policy', 'allkeys-lru')
  const health = await system.health()
  expect(health).toMatchObject({ overall_status: 'unhealthy', redis_healthy: false, response_code: 503 })
  expect(String(health['problems'])).toMatch(/got allkeys-lru.*CONFIG SET maxmemory-policy noeviction/)
  await tell(redis, 'CONFIG', 'SET', 'maxmemory-policy', 'noeviction')
  expect(await system.health()).toMatchObject({ overall_status: 'healthy' })
})

test('an eviction policy set under a running process is logged once, and its end too', async () => {
  const redis = await openHere().redis()
  const connection = new Connection({ url: redis.url, deadlineMs: 3000, log: silentLog })
  const said: string[] = []
  const log: Log = {
    debug() {},
    warn() {},
    info: (message) => void said.push(message),
    error: (_, fields) => void said.push(JSON.stringify(fields)),
  }
  const watch = watchRedis({ connection, log })
  await watch.look()
  await tell(redis, 'CONFIG', 'SET', 'maxmemory-policy', 'volatile-ttl')
  await watch.look()
  await watch.look()
  await tell(redis, 'CONFIG', 'SET', 'maxmemory-policy', 'noeviction')
  await watch.look()
  await redis.kill()
  connection.close()
  await watch.look()
  watch.close()
  expect(said).toEqual([expect.stringContaining('got volatile-ttl'), 'Redis is safe to use again'])
})

test('a Redis that runs out of memory under a running process is logged once, its end too, and the worker stays healthy', async () => {
  const redis = await openHere().redis({ settings: ['--maxmemory', '32mb'] })
  const connection = new Connection({ url: redis.url, deadlineMs: 3000, log: silentLog })
  const said: unknown[] = []
  const log: Log = {
    debug() {},
    error() {},
    info: (message) => void said.push(message),
    warn: (message, fields) => void said.push(message, fields),
  }
  const watch = watchRedis({ connection, log })
  await watch.look()
  expect(await workerHealth(watch, tmpdir())).toMatchObject({ healthy: true, problems: [] })
  expect(watch.memoryShare()).toBeLessThan(0.9)
  await tell(redis, 'SETRANGE', 'large', String(32 * 1024 * 1024), 'x')
  await watch.look()
  await watch.look()
  expect(await workerHealth(watch, tmpdir())).toMatchObject({
    healthy: true,
    redis_healthy: true,
    problems: [expect.stringMatching(REMEDY)],
  })
  expect(watch.memoryShare()).toBeGreaterThan(1)
  await tell(redis, 'DEL', 'large')
  await watch.look()
  connection.close()
  watch.close()
  expect(said).toEqual([
    'Redis takes nothing new',
    { problem: expect.stringMatching(REMEDY) as string },
    'Redis takes new scans again',
  ])
})
