/**
 * A scanner that does as it is told: a map from `METHOD /path` to what it
 * answers, and a record of what it was asked. It knows nothing of Nessus, so a
 * test's script is the whole of its behaviour.
 */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { createServer as createTlsServer } from 'node:https'
import type { AddressInfo, Socket } from 'node:net'
import type { TlsOptions } from 'node:tls'

export interface Seen {
  readonly method: string
  readonly path: string
  readonly headers: IncomingMessage['headers']
  readonly body: string
  /** Whether the connection had carried a request before. */
  readonly reused: boolean
}

export interface Reply {
  readonly status?: number
  readonly json?: unknown
  readonly text?: string
  readonly bytes?: Uint8Array
  readonly headers?: Record<string, string>
  /** Breaks the connection: before anything is said, once the headers are out, or after some of the body. */
  readonly drop?: 'before' | 'after headers'
  /** Says nothing, and keeps the connection. */
  readonly silent?: boolean
}

type Answer = Reply | ((seen: Seen) => Reply)
export type Script = Record<string, Answer>

export interface ScriptedScanner {
  readonly url: string
  readonly script: Script
  readonly seen: Seen[]
  /** How many requests were made with this `METHOD /path`, without the query. */
  count(request: string): number
  /** Connections accepted so far. */
  connections(): number
  close(): Promise<void>
}

export async function startScriptedScanner(given: Script, tls?: TlsOptions): Promise<ScriptedScanner> {
  const script = { ...given }
  const seen: Seen[] = []
  const requestsOn = new WeakMap<Socket, number>()
  let connections = 0
  const listener = (request: IncomingMessage, response: ServerResponse): void => {
    void readBody(request).then((body) => {
      const [path = ''] = (request.url ?? '').split('?')
      const requests = requestsOn.get(request.socket) ?? 0
      requestsOn.set(request.socket, requests + 1)
      const one = { method: request.method ?? '', path, headers: request.headers, body, reused: requests > 0 }
      seen.push(one)
      const answer = script[`${one.method} ${path}`] ?? { status: 404, json: { error: 'not in the script' } }
      reply(response, typeof answer === 'function' ? answer(one) : answer)
    })
  }
  const server = tls ? createTlsServer(tls, listener) : createServer(listener)
  server.on('connection', () => {
    connections += 1
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    url: `${tls ? 'https' : 'http'}://127.0.0.1:${(server.address() as AddressInfo).port}`,
    script,
    seen,
    count: (wanted) => seen.filter(({ method, path }) => `${method} ${path}` === wanted).length,
    connections: () => connections,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}

function reply(response: ServerResponse, { status = 200, json, text, bytes, headers = {}, drop, silent }: Reply): void {
  if (silent) return
  if (drop === 'before') {
    response.socket?.resetAndDestroy()
    return
  }
  const body = bytes ?? text ?? (json === undefined ? '' : JSON.stringify(json))
  const type = json === undefined ? 'text/plain' : 'application/json'
  response.writeHead(status, { 'content-type': type, 'content-length': Buffer.byteLength(body), ...headers })
  if (drop === 'after headers') {
    response.flushHeaders()
    setImmediate(() => response.socket?.resetAndDestroy())
    return
  }
  response.end(body)
}

async function readBody(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = []
  for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk)
  return Buffer.concat(chunks).toString('utf8')
}
