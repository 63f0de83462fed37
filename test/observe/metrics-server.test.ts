import { afterEach, expect, test } from 'vitest'
import { makeMetrics } from '../../lib/observe/metrics.ts'
import { type MetricsServer, type MetricsServerOptions, serveMetrics } from '../../lib/observe/metrics-server.ts'

const open: MetricsServer[] = []
afterEach(async () => {
  await Promise.all(open.splice(0).map((server) => server.close()))
})

async function serve(options: Partial<MetricsServerOptions> = {}): Promise<MetricsServer> {
  const health = () => Promise.resolve({ healthy: true })
  const server = await serveMetrics({ host: '127.0.0.1', port: 0, metrics: makeMetrics(), health, ...options })
  open.push(server)
  return server
}

test('a worker shows its metrics and its health', async () => {
  const { url } = await serve()
  const metrics = await fetch(`${url}/metrics`)
  expect(metrics.headers.get('content-type')).toContain('text/plain')
  expect(await metrics.text()).toContain('# TYPE nessus_scans_total counter')
  const health = await fetch(`${url}/health?verbose`)
  expect([health.status, await health.json()]).toEqual([200, { healthy: true }])
})

test('a worker that is not well answers 503 with the reason', async () => {
  const { url } = await serve({ health: () => Promise.resolve({ healthy: false, redis: 'no answer' }) })
  const health = await fetch(`${url}/health`)
  expect([health.status, await health.json()]).toEqual([503, { healthy: false, redis: 'no answer' }])
})

test('other paths are refused, and a failure inside shows no details', async () => {
  const { url } = await serve({ health: () => Promise.reject(new Error('canary')) })
  expect((await fetch(`${url}/`)).status).toBe(404)
  const failed = await fetch(`${url}/health`)
  expect([failed.status, await failed.text()]).toEqual([500, ''])
})

test('a port that is taken is named with the remedy', async () => {
  const first = await serve()
  const port = Number(new URL(first.url).port)
  await expect(serve({ port })).rejects.toThrow(`METRICS_PORT: cannot listen on 127.0.0.1:${port} (EADDRINUSE)`)
})
