/** The gateway as a process starts it: with a port, against a real Redis. */
import { mkdtemp, rm } from 'node:fs/promises'
import { createServer } from 'node:net'
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { loadSettings, type Settings } from '../../config/settings.ts'
import { startGateway, type RunningGateway } from '../../infra/processes/gateway.ts'
import { silentLog } from '../../lib/base/log.ts'
import { makeMetrics } from '../../lib/observe/metrics.ts'
import { startRedis, type TestRedis } from '../support/redis.ts'
import { begin, initialize, listen, post } from './support/older-requests.ts'

let redis: TestRedis
let folder: string
const running: RunningGateway[] = []
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'nessus-mcp-start-'))
  redis = await startRedis({ settings: ['--maxmemory-policy', 'noeviction'] })
})
afterAll(async () => {
  await Promise.all(running.map((gateway) => gateway.close()))
  await redis.stop()
  await rm(folder, { recursive: true })
})

function settingsOf(env: Record<string, string>): Settings {
  return loadSettings({ PORT: '0', DATA_DIR: join(folder, 'data'), SHUTDOWN_GRACE_SECONDS: '1', ...env })
}

async function start(env: Record<string, string> = {}, redisUrl = redis.url): Promise<RunningGateway> {
  const options = { settings: settingsOf(env), redisUrl, metrics: makeMetrics(), log: silentLog }
  const gateway = await startGateway(options)
  running.push(gateway)
  return gateway
}

test('listens on loopback and says that no worker serves the tools', async () => {
  const { url } = await start()
  expect(url).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/)
  const health = (await (await fetch(`${url}/health`)).json()) as { tools_without_worker: string[] }
  expect(health.tools_without_worker).toContain('run_untrusted_scan')
  const response = await fetch(`${url}/tools/list_tasks`, { method: 'POST' })
  expect(response.status).toBe(503)
  expect(response.headers.get('retry-after')).toBe('5')
  expect(await response.text()).toContain('No worker serves list_tasks. Start one with `nessus-mcp worker`')
})

test('names the port that is in use and the remedy', async () => {
  const other = createServer()
  other.listen(0, '127.0.0.1')
  await once(other, 'listening')
  const { port } = other.address() as AddressInfo
  try {
    await expect(start({ PORT: String(port) })).rejects.toThrow(`Port ${port} on 127.0.0.1 is in use`)
  } finally {
    other.close()
  }
})

test('refuses to open to the network without tokens', async () => {
  await expect(start({ HOST: '0.0.0.0' })).rejects.toThrow('AUTH_TOKENS_FILE')
})

test('says that Redis is away', async () => {
  await expect(start({}, `unix:${join(folder, 'nothing.sock')}`)).rejects.toThrow(
    /Redis (cannot be reached|does not answer)/,
  )
})

test('ends when it is told to, though clients keep their connections', async () => {
  const gateway = await start()
  await (await fetch(`${gateway.url}/health`)).text()
  await gateway.close()
  await expect(fetch(`${gateway.url}/health`)).rejects.toThrow('fetch failed')
})

test('offers sessions as the settings say, counts them, and ends their streams when it ends', async () => {
  const gateway = await start({ REDIS_PREFIX: 'sessions', SESSIONS_MAX: '1' })
  const stream = await listen(gateway.url, await begin(gateway.url))
  expect((await post(gateway.url, initialize())).headers.get('mcp-session-id')).toBeNull()
  const metrics = await (await fetch(`${gateway.url}/metrics`)).text()
  expect(metrics).toMatch(/^nessus_mcp_sessions 1$/m)
  expect(metrics).toMatch(/^nessus_mcp_streams 1$/m)
  await gateway.close()
  expect(await stream.next()).toBeUndefined()
})
