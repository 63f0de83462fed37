/** A whole gateway for tests: the real app over a world's caller, with a data directory of its own. */
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { randomBytes } from 'node:crypto'
import { createAdaptorServer } from '@hono/node-server'
import { silentLog } from '../../../lib/base/log.ts'
import type { RedisBus } from '../../../lib/bus/redis/redis-bus.ts'
import { makeAuth } from '../../../lib/gateway/auth/auth.ts'
import { makeGateway, type Gateway, type GatewayDeps } from '../../../lib/gateway/gateway.ts'
import { makeScanFiles } from '../../../lib/gateway/scan-files.ts'
import { makeMetrics } from '../../../lib/observe/metrics.ts'
import { formatTraceparent, makeTracer } from '../../../lib/observe/trace.ts'
import { fixtureTools } from './fixture-tools.ts'
import { makeScanTools, type FakeScan, type ScanTools } from './scan-tools.ts'
import type { HostingBus } from './underlay.ts'
import { type Ground, makeId, makeWorld, type World, type WorldOptions } from './world.ts'

export interface Door<B extends HostingBus = HostingBus> {
  readonly gateway: Gateway
  readonly world: World<B>
  readonly dataDir: string
  readonly scans: Map<string, FakeScan>
  readonly addScan: (name: string) => FakeScan
  /** One more gateway on the same memory, or Redis, once it hears of changes. */
  another(): Promise<Gateway>
  /** Answers without a socket. */
  ask(path: string, init?: RequestInit & { host?: string }): Promise<Response>
  /** Listens on a free port of loopback; the address without a slash at the end. */
  listen(gateway?: Gateway): Promise<string>
  close(): Promise<void>
}

export interface DoorOptions extends Partial<GatewayDeps> {
  readonly tokensFile?: string
  readonly world?: WorldOptions
}

/** In memory; with `url`, on that Redis. */
export function openDoor(options: DoorOptions & { readonly url: string }): Promise<Door<RedisBus>>
export function openDoor(options?: DoorOptions): Promise<Door>
export async function openDoor(options: DoorOptions & { readonly url?: string } = {}): Promise<Door> {
  const { url, tokensFile, world: worldOptions, ...more } = options
  const { tools: scanTools, scans, add }: ScanTools = makeScanTools()
  const ofWorld = { ...worldOptions, tools: [...fixtureTools, ...scanTools] }
  const world = url === undefined ? makeWorld(ofWorld) : makeWorld({ ...ofWorld, url })
  await world.work()
  const dataDir = await mkdtemp(join(tmpdir(), 'nessus-mcp-gateway-'))
  const auth = makeAuth({ file: tokensFile, now: Date.now, log: silentLog })
  const closing: (() => unknown)[] = [() => rm(dataDir, { recursive: true }), () => world.close(), () => auth.close()]
  const make = ({ caller, bus, sessions }: Ground) => {
    const gateway = makeGateway({
      bus,
      caller,
      sessions,
      makeId,
      auth,
      metrics: makeMetrics(),
      files: makeScanFiles(dataDir),
      reports: { async *export() {} },
      allowedHosts: ['gateway.test'],
      allowedOrigins: ['https://app.test'],
      adoptTrace: (header) => formatTraceparent(makeTracer(randomBytes).adopt(header)),
      importBytesMax: 10_000,
      publicUrl: undefined,
      version: '0.0.0-test',
      now: Date.now,
      log: silentLog,
      ...more,
    })
    closing.push(() => gateway.close())
    return gateway
  }
  const gateway = make(world)
  return {
    gateway,
    world,
    dataDir,
    scans,
    addScan: add,
    async another() {
      const ground = world.another()
      await ground.caller.ready
      return make(ground)
    },
    ask: async (path, { host = 'localhost', ...init } = {}) => {
      const headers = new Headers(init.headers)
      headers.set('host', host)
      return gateway.app.request(`http://localhost${path}`, { ...init, headers })
    },
    async listen(which = gateway) {
      const server = createAdaptorServer({ fetch: which.app.fetch })
      server.listen(0, '127.0.0.1')
      await once(server, 'listening')
      closing.push(async () => {
        if ('closeAllConnections' in server) server.closeAllConnections()
        server.close()
        await once(server, 'close')
      })
      return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
    },
    async close() {
      for (const close of closing.toReversed()) await close()
    },
  }
}
