/** A gateway's caller and a worker with the fixture tools, on memory, or on a Redis. */
import { createHash, randomBytes, randomUUID } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { silentLog } from '../../../lib/base/log.ts'
import type { RedisBus } from '../../../lib/bus/redis/redis-bus.ts'
import { dispatch } from '../../../lib/runtime/dispatcher.ts'
import type { AnyFunction } from '../../../lib/runtime/function.ts'
import { makeRoutes } from '../../../lib/runtime/routes.ts'
import { decideFailures } from '../../../lib/runtime/retry/decide-failures.ts'
import { runDelivery } from '../../../lib/runtime/run-delivery.ts'
import type { Services } from '../../../lib/runtime/services.ts'
import type { ToolDefinition } from '../../../lib/runtime/tool.ts'
import { makeCaller, type Caller } from '../../../lib/gateway/call-tool.ts'
import { makeScanLog } from '../../../lib/gateway/sessions/scan-log.ts'
import { makeSessionNews } from '../../../lib/gateway/sessions/session-news.ts'
import type { SessionsOptions } from '../../../lib/gateway/sessions/sessions.ts'
import { makeScans } from '../../../lib/scans/scans.ts'
import { scanKeys } from '../../../lib/scans/scan-keys.ts'
import { makeVault } from '../../../lib/scans/vault.ts'
import { formatTraceparent, makeTracer } from '../../../lib/observe/trace.ts'
import { fixtureTools } from './fixture-tools.ts'
import { type HostingBus, inMemory, onRedis, type Underlay } from './underlay.ts'

let worlds = 0

/** What one gateway stands on. */
export interface Ground<B extends HostingBus = HostingBus> {
  readonly caller: Caller
  readonly bus: B
  readonly sessions: Pick<SessionsOptions, 'store' | 'news' | 'scanLog'>
}

export interface World<B extends HostingBus = HostingBus> extends Ground<B> {
  /** Starts a worker that hosts these tools (all when left out). */
  work(tools?: readonly ToolDefinition[]): Promise<Worker>
  /** One more gateway on the same memory, or Redis. */
  another(): Ground<B>
  /** Somebody said at that time that it hosts the tool; with `undefined` nobody ever did. */
  hosts(tool: string, saidMs: number | undefined): Promise<unknown>
  /** Appends to the public log, as a settle does. */
  append(fields: Readonly<Record<string, string>>): Promise<unknown>
  close(): Promise<void>
}

export interface Worker {
  /** Hands back what it holds and leaves. */
  stop(): Promise<void>
  /** Falls silent, as a killed process does. */
  kill(): Promise<void>
}

export const testVault = makeVault('a test key that is long enough')

export interface WorldOptions {
  readonly tools?: readonly ToolDefinition[]
  readonly sessionIdleMs?: number
  readonly sessionsMax?: number
  readonly sessionsMaxPerCaller?: number
}

export const makeId = () => randomBytes(16).toString('base64url')

/** In memory; with `url`, on that Redis. */
export function makeWorld(options: WorldOptions & { readonly url: string }): World<RedisBus>
export function makeWorld(options?: WorldOptions): World
export function makeWorld({ url, ...options }: WorldOptions & { readonly url?: string } = {}): World {
  return url === undefined ? worldOn(inMemory(), options) : worldOn(onRedis(url, `gateway-${(worlds += 1)}`), options)
}

function worldOn<B extends HostingBus>(underlay: Underlay<B>, options: WorldOptions): World<B> {
  const { tools = fixtureTools, sessionIdleMs: idleMs = 3_600_000 } = options
  const { sessionsMax = 100, sessionsMaxPerCaller = 100 } = options
  const closing: (() => Promise<void> | void)[] = []
  const gateway = (): Ground<B> => {
    const bus = underlay.connect()
    const store = underlay.store(bus, { idleMs, sessionsMax, sessionsMaxPerCaller, makeId })
    const news = makeSessionNews(silentLog)
    const caller = makeCaller({
      bus,
      gateway: randomUUID(),
      tools,
      vault: testVault,
      scanKeys: scanKeys(bus.keys.prefix),
      makeId,
      alsoFollow: [{ key: store.newsKey, from: 'now', hear: news.hear }],
      digest: (text) => createHash('sha256').update(text).digest('hex'),
      makeTraceparent: () => formatTraceparent(makeTracer(randomBytes).start()),
      log: silentLog,
    })
    closing.push(async () => {
      caller.close()
      await bus.close()
    })
    return { caller, bus, sessions: { store, news, scanLog: makeScanLog(bus) } }
  }
  const first = gateway()
  return {
    ...first,
    another: gateway,
    hosts: (tool, saidMs) => underlay.hosts(first.bus, tool, saidMs),
    append: (fields) => underlay.append(first.bus, first.bus.keys.log, fields),
    async work(hosted = tools) {
      const worker = await startWorker(underlay.connect(WORKER_LEASE_MS), hosted)
      closing.push(worker.kill)
      return worker
    },
    async close() {
      for (const close of closing.toReversed()) await close()
    },
  }
}

const WORKER_LEASE_MS = 2000

async function startWorker(bus: HostingBus, tools: readonly ToolDefinition[]) {
  const functions = tools as unknown as AnyFunction[]
  const keys = scanKeys(bus.keys.prefix)
  // The fixtures use no other services.
  const services = {
    scans: makeScans(bus.keyspace, keys),
    keyspace: bus.keyspace,
    scanKeys: keys,
    busKeys: bus.keys,
    vault: testVault,
    limits: { scanTimeoutMs: 3_600_000 },
    log: silentLog,
  } as unknown as Services
  const stopping = new AbortController()
  const runner = {
    bus,
    services,
    keys: { bus: bus.keys, scans: keys, routes: makeRoutes(functions) },
    functions: new Map(functions.map((each) => [each.name, each])),
    backoff: { baseMs: 10, maxMs: 100 },
    random: () => 0.5,
    stopping: stopping.signal,
    layers: [decideFailures],
    log: silentLog,
  }
  await bus.host(functions.map((each) => each.name))
  const pause = (ms: number) => sleep(ms, undefined, { signal: stopping.signal }).catch(() => {})
  const run = dispatch(
    { bus, functions, run: (delivery) => runDelivery(delivery, runner), pause, log: silentLog },
    stopping.signal,
  )
  let ended = false
  const end = async (release: boolean) => {
    if (ended) return
    ended = true
    stopping.abort(new Error('stopping'))
    if (release) {
      await run
      await bus.release()
    }
    await bus.close()
    await run.catch(() => {})
  }
  return { stop: () => end(true), kill: () => end(false) }
}
