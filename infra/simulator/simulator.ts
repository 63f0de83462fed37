/**
 * A small stand-in for a Nessus scanner: real HTTP, the shapes of Nessus 6 to 10,
 * reports, time that can run fast, and faults on demand. It shares no code with
 * the client in lib/scanners, so that the two can disagree about the facts.
 */
import { createAdaptorServer } from '@hono/node-server'
import { once } from 'node:events'
import { createServer as createHttpServer } from 'node:http'
import type { Server } from 'node:http'
import { createServer as createHttpsServer } from 'node:https'
import type { Socket } from 'node:net'
import { PermanentError } from '../../lib/base/errors.ts'
import { makeCertificate } from './certificate.ts'
import type { Control } from './control.ts'
import { makeControl } from './control.ts'
import { makeFaults } from './faults.ts'
import { createApp } from './http/app.ts'
import type { SimulatorOptions } from './options.ts'
import { makeRandom } from './random.ts'
import { makeSettings } from './settings.ts'
import { makeKeeper } from './state/keep.ts'
import { keptOf, makeWorld } from './state/world.ts'

const HEADERS_TIMEOUT_MS = 30_000

export interface Simulator {
  readonly url: string
  readonly port: number
  /** SHA-256 of the certificate, `AB:CD:…`, with https. */
  readonly fingerprint?: string
  /** The certificate itself, PEM, with https. */
  readonly certificate?: string
  readonly accessKey: string
  readonly secretKey: string
  readonly username: string
  readonly password: string
  readonly control: Control
  /** Stops listening and drops every connection. */
  close(): Promise<void>
}

/** Starts a simulator. Throws PermanentError on a bad option, an unusable reports folder or a port in use. */
export async function startSimulator(options: SimulatorOptions = {}): Promise<Simulator> {
  const settings = makeSettings(options)
  const world = makeWorld(settings)
  const faults = makeFaults({ random: makeRandom(settings.seed + 2), clock: settings.clock })
  const certificate = settings.https ? makeCertificate({ nowMs: settings.clock.now() }) : undefined
  const control = makeControl({ world, faults, dropConnections: (exceptPort) => dropConnections(exceptPort) })
  const app = createApp({ world, control, faults })
  const { stateFile: file, log } = settings
  const keeper = file === '' ? undefined : makeKeeper({ file, state: () => keptOf(world), log })
  keeper?.write()
  const fetch: typeof app.fetch = async (request, ...more) => {
    const answer = await app.fetch(request, ...more)
    if (request.method !== 'GET') keeper?.changed(world.scans.count)
    return answer
  }
  const server = createAdaptorServer({
    fetch,
    ...(certificate
      ? {
          createServer: createHttpsServer,
          serverOptions: {
            key: certificate.keyPem,
            cert: certificate.certificatePem,
            headersTimeout: HEADERS_TIMEOUT_MS,
          },
        }
      : { createServer: createHttpServer, serverOptions: { headersTimeout: HEADERS_TIMEOUT_MS } }),
  }) as Server
  const dropConnections = trackConnections(server)
  const port = await listen(server, settings)
  const shownHost = settings.host.includes(':') ? `[${settings.host}]` : settings.host
  return {
    url: `${certificate ? 'https' : 'http'}://${shownHost}:${port}`,
    port,
    ...(certificate ? { fingerprint: certificate.fingerprint, certificate: certificate.certificatePem } : {}),
    accessKey: settings.accessKey,
    secretKey: settings.secretKey,
    username: settings.username,
    password: settings.password,
    control,
    async close() {
      if (!server.listening) return
      keeper?.write()
      const closed = once(server, 'close')
      server.close()
      server.closeAllConnections()
      await closed
    },
  }
}

async function listen(server: Server, { host, port }: { host: string; port: number }): Promise<number> {
  server.listen(port, host)
  try {
    await once(server, 'listening')
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException
    const why = code === 'EADDRINUSE' ? 'the port is in use; choose another with --port, or 0 for any' : String(code)
    throw new PermanentError(`simulator: cannot listen on ${host}:${port}: ${why}`, { cause })
  }
  const address = server.address()
  return typeof address === 'object' && address ? address.port : port
}

/** Keeps track of the open connections; returns what drops them. */
function trackConnections(server: Server): (exceptPort: number | undefined) => void {
  const open = new Set<Socket>()
  server.on('connection', (socket: Socket) => {
    open.add(socket)
    socket.once('close', () => open.delete(socket))
  })
  return (exceptPort) => {
    for (const socket of open) if (socket.remotePort !== exceptPort || exceptPort === undefined) socket.destroy()
  }
}
