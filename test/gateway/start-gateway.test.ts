/** The gateway as a process starts it: with a port, against a real Redis. */
import { mkdtemp, rm } from 'node:fs/promises'
import { connect, createServer } from 'node:net'
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { loadSettings, type Settings } from '../../config/settings.ts'
import { startGateway, type RunningGateway } from '../../infra/processes/gateway.ts'
import { silentLog } from '../../lib/base/log.ts'
import { RedisBus } from '../../lib/bus/redis/redis-bus.ts'
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

test('keeps a quiet connection for longer than the minute that load balancers do', async () => {
  const { url } = await start()
  const { port } = new URL(url)
  const socket = connect(Number(port), '127.0.0.1')
  socket.write('GET /health HTTP/1.1\r\nHost: localhost\r\n\r\n')
  const [head] = (await once(socket, 'data')) as [Buffer]
  socket.destroy()
  expect(head.toString().toLowerCase()).toContain('keep-alive: timeout=65')
})

test('that listens beyond loopback tells at start under which names it may be called', async () => {
  const told: string[] = []
  const log = { ...silentLog, info: (message: string) => told.push(message) }
  const settings = settingsOf({
    HOST: '0.0.0.0',
    NO_AUTH: 'true',
    ALLOWED_HOSTS: 'scans.test',
    PUBLIC_URL: 'https://a.test/x',
  })
  running.push(await startGateway({ settings, redisUrl: redis.url, metrics: makeMetrics(), log }))
  const names = told.find((message) => message.includes('only under these names'))
  expect(names).toContain('localhost, 127.0.0.1, [::1], 0.0.0.0, scans.test, a.test')
  expect(names).toContain('421')
})

test('answers a call that still waits before it ends', async () => {
  const gateway = await start({ SHUTDOWN_GRACE_SECONDS: '0', REDIS_PREFIX: 'stopping' })
  // Somebody says that it serves the tool, and never does.
  const bus = new RedisBus({ url: redis.url, name: 'stopping', consumer: 'nobody' })
  await bus.host(['get_scan_status'])
  const answer = fetch(`${gateway.url}/tools/get_scan_status`, {
    method: 'POST',
    body: '{"task_id":"ns_test_20260102_030405_ffffffff"}',
  })
  await expect.poll(() => bus.keyspace.length(bus.keys.inbox('get_scan_status'))).toBe(1)
  await gateway.close()
  expect(await (await answer).text()).toContain('This gateway is stopping')
  await bus.close()
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
