/** Opens a connection to a scanner through an HTTP proxy, by CONNECT (RFC 9110): what is sent through it is between us and the scanner. */
import { request as httpRequest, type IncomingMessage } from 'node:http'
import { request as httpsRequest } from 'node:https'
import type { Socket } from 'node:net'
import type { ScannerEntry } from '../entry.ts'

type Proxy = NonNullable<ScannerEntry['proxy']>

/** The proxy is to blame, or its entry. */
export class ProxyError extends Error {
  override readonly name = 'ProxyError'
}

export interface Tunnel {
  readonly host: string
  readonly port: number
  /** Ends the opening; its reason is the error. */
  readonly signal: AbortSignal
}

/** Resolves with the connection once the proxy has opened it. Throws ProxyError with what to do. */
export function openTunnel(proxy: Proxy, { host, port, signal }: Tunnel): Promise<Socket> {
  const to = `${host.includes(':') ? `[${host}]` : host}:${port}`
  const url = new URL(proxy.url)
  const at = `the proxy ${url.host}`
  return new Promise((resolve, reject) => {
    const asked = (url.protocol === 'https:' ? httpsRequest : httpRequest)({
      method: 'CONNECT',
      host: url.hostname.replace(/^\[|\]$/g, ''),
      port: url.port || (url.protocol === 'https:' ? 443 : 80),
      path: to,
      headers: { host: to, ...login(proxy) },
      agent: false,
      signal,
    })
    asked.once('connect', (answer: IncomingMessage, socket: Socket, head: Buffer) => {
      const { statusCode = 0 } = answer
      if (statusCode >= 200 && statusCode < 300) {
        if (head.length > 0) socket.unshift(head)
        return resolve(socket)
      }
      socket.on('error', () => {})
      socket.destroy()
      reject(new ProxyError(`${at} opens no connection to ${to} (${statusCode}); ${remedyOf(statusCode)}`))
    })
    asked.once('response', (answer) => {
      answer.destroy()
      reject(new ProxyError(`${at} took CONNECT for something else (${answer.statusCode}); it may be no proxy`))
    })
    asked.once('error', (error) =>
      reject(signal.aborted ? (signal.reason as Error) : new ProxyError(`${at} cannot be used: ${error.message}`)),
    )
    asked.end()
  })
}

function remedyOf(status: number): string {
  if (status === 407) return 'it demands a login: set proxy_username and proxy_password, or correct them'
  if (status === 403 || status === 405) return 'have it allow CONNECT to that host and port'
  return 'check that it reaches the scanner, and the url of both'
}

function login({ username, password = '' }: Proxy): Record<string, string> {
  if (username === undefined) return {}
  return { 'proxy-authorization': `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}` }
}
