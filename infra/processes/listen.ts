/** The gateway's door: the port it listens on, and the names under which it may be called. */
import type { AddressInfo } from 'node:net'
import { createAdaptorServer, type ServerType } from '@hono/node-server'
import type { Settings } from '../../config/settings.ts'
import { PermanentError } from '../../lib/base/errors.ts'
import type { Log } from '../../lib/base/log.ts'
import { isLoopback } from '../../lib/gateway/auth/require-lock.ts'
import { LOOPBACK } from '../../lib/gateway/http/known-names.ts'

/** Longer than the minute for which load balancers keep a quiet connection: who closes first must be they, or a request meets a closed door. */
const KEEP_ALIVE_MS = 65_000
const HEADERS_MS = 5000
/** Connections that may wait to be accepted; the kernel refuses those beyond them. */
const BACKLOG = 4096
/** An import is waited for ten minutes. */
const STILL_MS = 660_000
/** A gigabyte over a slow line; an upload of which nothing comes any more is given up long before (upload-body.ts). */
const UPLOAD_MS = 3_600_000

export function listen(
  fetch: (request: Request) => Response | Promise<Response>,
  { host, port }: Settings,
): Promise<ServerType> {
  const server = createAdaptorServer({ fetch, hostname: host })
  if ('keepAliveTimeout' in server) {
    server.keepAliveTimeout = KEEP_ALIVE_MS
    // Longer than any answer takes to begin: a connection on which nothing moves any more is closed.
    server.timeout = STILL_MS
    server.requestTimeout = UPLOAD_MS
    server.headersTimeout = KEEP_ALIVE_MS + HEADERS_MS
  }
  return new Promise((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => reject(listenError(error, host, port)))
    server.listen({ port, host, backlog: BACKLOG }, () => resolve(server))
  })
}

function listenError(error: NodeJS.ErrnoException, host: string, port: number): Error {
  switch (error.code) {
    case 'EADDRINUSE':
      return new PermanentError(
        `Port ${port} on ${host} is in use, perhaps by another gateway. End that, or choose another with PORT=${port + 1} (0 takes a free one).`,
        { cause: error },
      )
    case 'EACCES':
      return new PermanentError(
        `Port ${port} may not be used by this user. Choose one above 1023, such as PORT=8836.`,
        {
          cause: error,
        },
      )
    case 'EADDRNOTAVAIL':
    case 'ENOTFOUND':
      return new PermanentError(`HOST=${host} is no address of this machine. Use 127.0.0.1, or 0.0.0.0 for all.`, {
        cause: error,
      })
    case undefined:
    default:
      return error
  }
}

export function urlOf(server: ServerType, host: string): string {
  const { port } = server.address() as AddressInfo
  return `http://${host.includes(':') ? `[${host}]` : host}:${port}`
}

/** By which names beside loopback clients may call. */
export function hostNamesOf({ host, allowedHosts, publicUrl }: Settings): string[] {
  return [...new Set([host, ...allowedHosts, ...hostOf(publicUrl)])]
}

/** Whoever opens the gateway to others learns at once why they may still be answered 421. */
export function tellNames(settings: Settings, log: Log): void {
  if (isLoopback(settings.host)) return
  const names = hostNamesOf(settings)
  if (names.includes('*')) return log.info('requests are taken under any name (ALLOWED_HOSTS is *)')
  const accepted = [...LOOPBACK, ...names].join(', ')
  log.info(
    `requests are taken only under these names: ${accepted}. Any other is answered 421: add it to ALLOWED_HOSTS, or set PUBLIC_URL`,
  )
}

function hostOf(url: string | undefined): string[] {
  return url === undefined ? [] : [new URL(url).hostname]
}
