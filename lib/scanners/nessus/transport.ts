/**
 * HTTP to one scanner, on node:http directly: the status is known before the
 * body, which matters because Nessus 10 sends a 412 and drops the connection
 * before its body can be read.
 *
 * Reads share connections that are kept alive; a read that meets a stale one is
 * repeated once. Writes and downloads get a connection of their own, so that a
 * reset on a write is never just a stale connection.
 */
import { request as httpRequest, type IncomingMessage } from 'node:http'
import { type Permit, PermitLapsed } from '../../base/permit.ts'
import type { ScannerEntry } from '../entry.ts'
import { unpacked, type RequestSeen, type ScannerAnswer, type ScannerRequest } from './exchange.ts'
import { networkError } from './network-error.ts'
import { makeGate } from './gate.ts'
import type { ClientLimits } from './limits.ts'
import { ScannerAgent } from './scanner-agent.ts'

export interface Transport {
  /** Sends and reads the whole answer, whatever its status. Throws a temporary error when there is none. */
  send(request: ScannerRequest, options?: { readonly totalMs?: number }): Promise<ScannerAnswer>
  /** Sends and leaves the body of a 200 to the caller; any other answer is read as by {@link send}. */
  open(request: ScannerRequest): Promise<IncomingMessage | ScannerAnswer>
  /** Waits for requests under way, then closes idle connections. Downloads go on. */
  close(): Promise<void>
}

export interface TransportOptions {
  readonly entry: ScannerEntry
  readonly limits: ClientLimits
  readonly now: () => number
  readonly onRequest?: (seen: RequestSeen) => void
}

export function makeTransport({ entry, limits, now, onRequest }: TransportOptions): Transport {
  const base = { connectMs: limits.connectMs }
  const kept = new ScannerAgent(entry, { ...base, keepAlive: true, maxSockets: limits.requestsMax })
  const fresh = new ScannerAgent(entry, { ...base, keepAlive: false, maxSockets: Infinity })
  const gate = makeGate(limits.requestsMax)
  const prefix = new URL(entry.url).pathname.replace(/\/$/, '')

  const exchange = async <T>(request: ScannerRequest, totalMs: number, read: Reader<T>): Promise<T> => {
    const started = now()
    let status = 0
    const deadline = makeDeadline(totalMs)
    let leave: (() => void) | undefined
    try {
      leave = await gate.enter(deadline.signal)
      const agent = request.method === 'GET' && read.body === 'whole' ? kept : fresh
      const wire = { agent, path: prefix + request.path, limits, signal: deadline.signal }
      const response = await respondOnce(request, wire).catch((error: unknown) => {
        if (!(error instanceof StaleConnection) || request.method !== 'GET') throw error
        // After a restart every kept connection is stale.
        return respondOnce(request, { ...wire, agent: fresh })
      })
      status = response.statusCode ?? 0
      return await read.take(response, deadline)
    } catch (error) {
      if (error instanceof PermitLapsed) throw error
      throw networkError(error, { entry, request })
    } finally {
      deadline.clear()
      leave?.()
      onRequest?.({
        scanner: entry.key,
        method: request.method,
        route: request.route,
        status,
        seconds: (now() - started) / 1000,
      })
    }
  }
  const whole = (response: IncomingMessage): Promise<ScannerAnswer> => readWhole(response, limits.answerBytesMax)

  return {
    send: (request, { totalMs = limits.totalMs } = {}) => exchange(request, totalMs, { body: 'whole', take: whole }),
    open: (request) =>
      exchange<IncomingMessage | ScannerAnswer>(request, limits.totalMs, {
        body: 'stream',
        async take(response, deadline) {
          if (response.statusCode !== 200) return await whole(response)
          deadline.clear()
          return response
        },
      }),
    async close() {
      await gate.drained()
      kept.destroy()
    },
  }
}

interface Reader<T> {
  readonly body: 'whole' | 'stream'
  take(response: IncomingMessage, deadline: Deadline): Promise<T>
}

interface Deadline {
  readonly signal: AbortSignal
  clear(): void
}

/** Like AbortSignal.timeout, but it can be called off, which a long download needs. */
function makeDeadline(ms: number): Deadline {
  const controller = new AbortController()
  const timer = setTimeout(() => controller.abort(timeout(`no answer within ${ms} ms`)), ms)
  return { signal: controller.signal, clear: () => clearTimeout(timer) }
}

interface Wire {
  readonly agent: ScannerAgent
  readonly path: string
  readonly limits: ClientLimits
  readonly signal: AbortSignal
}

/** A kept connection that the scanner had closed meanwhile. */
class StaleConnection extends Error {
  readonly code = 'ECONNRESET'
}

function respondOnce(
  { method, headers, body, permit }: ScannerRequest,
  { agent, path, limits, signal }: Wire,
): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    const outgoing = httpRequest({
      agent,
      method,
      path,
      headers: {
        accept: 'application/json',
        'accept-encoding': 'identity',
        ...(body && { 'content-type': body.contentType, 'content-length': body.bytes.byteLength }),
        ...(!body && method !== 'GET' && { 'content-length': 0 }),
        ...headers,
      },
      // Only for the Host header: the agent knows where to connect.
      host: agent.host,
      port: agent.port,
    })
    let response: IncomingMessage | undefined
    const fail = (error: Error): void => {
      // Destroying the request alone would tell a reader of the body only "aborted".
      response?.destroy(error)
      outgoing.destroy(error)
    }
    const onAbort = (): void => fail(signal.reason as Error)
    signal.addEventListener('abort', onAbort, { once: true })
    if (signal.aborted) onAbort()
    outgoing.setTimeout(limits.idleMs, () => fail(timeout(`nothing came for ${limits.idleMs} ms`)))
    outgoing.on('error', (error) => {
      signal.removeEventListener('abort', onAbort)
      const isStale = outgoing.reusedSocket && 'code' in error && error.code === 'ECONNRESET' && !signal.aborted
      reject(isStale ? new StaleConnection(error.message, { cause: error }) : error)
    })
    outgoing.on('response', (incoming) => {
      response = incoming
      incoming.on('close', () => signal.removeEventListener('abort', onAbort))
      resolve(incoming)
    })
    if (!permit) outgoing.end(body?.bytes)
    // The agent hands a connection over when it stands, so this is the moment before the bytes go out.
    else outgoing.once('socket', () => permitted(permit, fail) && outgoing.end(body?.bytes))
  })
}

function permitted(permit: Permit, fail: (error: Error) => void): boolean {
  try {
    permit()
    return true
  } catch (error) {
    fail(error as Error)
    return false
  }
}

async function readWhole(response: IncomingMessage, bytesMax: number): Promise<ScannerAnswer> {
  const status = response.statusCode ?? 0
  const retryAfter = response.headers['retry-after']
  const chunks: Buffer[] = []
  let bytes = 0
  try {
    for await (const chunk of unpacked(response) as AsyncIterable<Buffer>) {
      bytes += chunk.byteLength
      if (bytes > bytesMax) throw new Error(`expected an answer of at most ${bytesMax} bytes, got more`)
      chunks.push(chunk)
    }
  } catch (error) {
    // The status says enough: see the top.
    if (status < 400) throw error
  }
  return { status, text: Buffer.concat(chunks).toString('utf8'), ...(retryAfter !== undefined && { retryAfter }) }
}

function timeout(message: string): Error {
  return Object.assign(new Error(message), { code: 'ETIMEDOUT' })
}
