/**
 * `/metrics` and `/health` of a process that serves nothing else: a worker. The
 * gateway has routes of its own.
 */
import { once } from 'node:events'
import { createServer, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { PermanentError } from '../base/errors.ts'
import type { Metrics } from './metrics.ts'

export interface MetricsServerOptions {
  readonly host: string
  /** 0 takes a free port. */
  readonly port: number
  readonly metrics: Pick<Metrics, 'contentType' | 'render'>
  /** Whether the process does its work, and why not. */
  readonly health: () => Promise<{ readonly healthy: boolean } & Readonly<Record<string, unknown>>>
}

export interface MetricsServer {
  readonly url: string
  close(): Promise<void>
}

/** A scrape is a few hundred bytes of request; what takes longer to send it is no scraper. */
const REQUEST_MAX_MS = 10_000

/** Starts listening. Throws PermanentError when the address cannot be had; a failed answer is a 500 without details. */
export async function serveMetrics({ host, port, metrics, health }: MetricsServerOptions): Promise<MetricsServer> {
  const answer = async (path: string, response: ServerResponse): Promise<void> => {
    if (path === '/metrics') {
      const text = await metrics.render()
      response.writeHead(200, { 'content-type': metrics.contentType }).end(text)
    } else if (path === '/health') {
      const report = await health()
      response.writeHead(report.healthy ? 200 : 503, { 'content-type': 'application/json' }).end(JSON.stringify(report))
    } else {
      response.writeHead(404).end('expected /metrics or /health\n')
    }
  }
  const server = createServer({ requestTimeout: REQUEST_MAX_MS }, (request, response) => {
    const path = request.url?.split('?', 1)[0] ?? ''
    answer(path, response).catch(() => response.writeHead(500).end())
  })
  server.listen(port, host)
  try {
    await once(server, 'listening')
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : String(error)
    throw new PermanentError(
      `METRICS_PORT: cannot listen on ${host}:${port} (${code}); choose another port or unset it`,
      {
        cause: error,
      },
    )
  }
  const address = server.address() as AddressInfo
  return {
    url: `http://${host.includes(':') ? `[${host}]` : host}:${address.port}`,
    close: async () => {
      const closed = once(server, 'close')
      server.close()
      server.closeAllConnections()
      await closed
    },
  }
}
