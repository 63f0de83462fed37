/** Starts a gateway: the HTTP server, and what it stands on. Holds two connections to Redis: one for commands, one for replies. */
import { createHmac, randomBytes, randomUUID } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import type { ServerType } from '@hono/node-server'
import type { Settings } from '../../config/settings.ts'
import { functions, tools } from '../../functions/index.ts'
import type { Log } from '../../lib/base/log.ts'
import { eventId } from '../../lib/bus/event.ts'
import { HOST_GONE_MS } from '../../lib/bus/hosting.ts'
import { RedisBus } from '../../lib/bus/redis/redis-bus.ts'
import { systemState } from '../../lib/scan-work/show/system-state.ts'
import { type Auth, makeAuth } from '../../lib/gateway/auth/auth.ts'
import { requireLock } from '../../lib/gateway/auth/require-lock.ts'
import { type Caller, type CallerOptions, makeCaller } from '../../lib/gateway/call-tool.ts'
import { startStdio, type StdioOptions } from '../../lib/gateway/mcp/stdio.ts'
import { makeGateway } from '../../lib/gateway/gateway.ts'
import { makeScanFiles } from '../../lib/gateway/scan-files.ts'
import { makeScanLog } from '../../lib/gateway/sessions/scan-log.ts'
import { makeSessionNews } from '../../lib/gateway/sessions/session-news.ts'
import { makeSessionStore } from '../redis/session-store.ts'
import { packageVersion } from '../../lib/gateway/version.ts'
import type { Metrics } from '../../lib/observe/metrics.ts'
import type { Followed } from '../../lib/bus/follow.ts'
import { formatTraceparent, makeTracer } from '../../lib/observe/trace.ts'
import { makeReports } from '../../lib/reports/reports.ts'
import { scanKeys } from '../../lib/scans/scan-keys.ts'
import { makeScans } from '../../lib/scans/scans.ts'
import { makeVault } from '../../lib/scans/vault.ts'
import { listen, hostNamesOf, tellNames, urlOf } from './listen.ts'
import { checkDataFolder, openDataFolder } from './data-folder.ts'
import { checkConnection } from '../redis/check-connection.ts'
import { type RedisWatch, watchRedis } from '../redis/watch.ts'
import { secretKey } from './secret-key.ts'
import { makeScannerRegistry, reloadScanners } from './services.ts'

const ID_BYTES = 16
const IDLE_CHECK_MS = 25
/** Time for what was said last to reach the clients. */
const GOODBYE_MS = 500
/** Results that this gateway streams are read through this much memory. */
const REPORT_CACHE_BYTES = 32 * 1024 * 1024

export interface GatewayOptions {
  readonly settings: Settings
  /** Where Redis is: REDIS_URL, or the private one of `up`. */
  readonly redisUrl: string
  readonly metrics: Metrics
  readonly log: Log
}

export interface RunningGateway {
  /** Where it listens, such as `http://127.0.0.1:8836`. */
  readonly url: string
  /** Reads tokens and scanners anew. */
  reload(): void
  /** Lets calls under way finish, up to the grace, and ends. */
  close(): Promise<void>
}

/** Checks who may come in, connects, listens. Throws PermanentError when something about the settings is wrong. */
export async function startGateway(options: GatewayOptions): Promise<RunningGateway> {
  const { settings, log } = options
  requireLock({ host: settings.host, tokens: settings.authTokensFile !== undefined, noAuth: settings.noAuth })
  const auth = makeAuth({ file: settings.authTokensFile, now: Date.now, log })
  const { gateway, caller, reload, close } = await open(options, auth)
  let server: ServerType
  try {
    server = await listen(gateway.app.fetch, settings)
  } catch (error) {
    await close()
    throw error
  }
  tellNames(settings, log)
  return {
    url: urlOf(server, settings.host),
    reload,
    async close() {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()))
      await idle(caller, settings.shutdownGraceMs)
      // Calls that still wait are answered first, streams end next: a client whose connection just breaks cannot tell a stop from a crash.
      caller.close()
      await Promise.race([closed, sleep(GOODBYE_MS / 5)])
      await gateway.close()
      await Promise.race([closed, sleep(GOODBYE_MS)])
      if ('closeAllConnections' in server) server.closeAllConnections()
      await closed
      await close()
    },
  }
}

/** Serves one client over standard input and output, as whoever started this process. The log must write elsewhere. */
export async function startStdioGateway(
  options: GatewayOptions & Pick<StdioOptions, 'toolsets'>,
): Promise<Omit<RunningGateway, 'url'>> {
  const { gateway, reload, close } = await open(options, makeAuth({ file: undefined, now: Date.now, log: options.log }))
  const makeTraceparent = () => formatTraceparent(tracer.start())
  const { log, toolsets } = options
  const stdio = startStdio({ makeServer: gateway.makeServer, makeTraceparent, log, ...(toolsets && { toolsets }) })
  return {
    reload,
    async close() {
      await stdio.close()
      await gateway.close()
      await close()
    },
  }
}

const tracer = makeTracer(randomBytes)

/** Connects to Redis and puts the gateway together; what it opened is closed again when that fails. */
async function open({ settings, redisUrl, metrics, log }: GatewayOptions, auth: Auth) {
  await openDataFolder(settings.dataDir, log)
  const bus = new RedisBus({ url: redisUrl, name: settings.redisPrefix, consumer: `gateway-${randomUUID()}`, log })
  const opened: (() => unknown)[] = [() => auth.close(), () => bus.close()]
  const close = async () => {
    for (const end of opened.toReversed()) await end()
  }
  try {
    await checkConnection(bus.connection, log)
    const watch = watchRedis({ connection: bus.connection, log })
    opened.push(() => watch.close())
    const sessions = openSessions(settings, bus, log)
    const { newsKey } = sessions.store
    const alsoFollow: Followed[] = [{ key: newsKey, from: 'now', hear: sessions.news.hear }]
    const caller = makeCaller({ ...(await callerOptions({ settings, bus, log })), alsoFollow })
    opened.push(() => caller.close())
    await caller.ready
    const state = observe({ settings, metrics, bus, log, watch, mcpSessions: () => sessions.store.count() })
    opened.push(() => state.close())
    const gateway = makeGateway({
      bus,
      caller,
      auth,
      metrics,
      log,
      sessions,
      makeId,
      files: { ...makeScanFiles(settings.dataDir), check: () => checkDataFolder(settings.dataDir) },
      checkRedis: () => watch.check(),
      reports: makeReports({ dataDir: settings.dataDir, cacheBytesMax: REPORT_CACHE_BYTES, log }),
      allowedHosts: hostNamesOf(settings),
      allowedOrigins: settings.allowedOrigins,
      adoptTrace: (header) => formatTraceparent(tracer.adopt(header)),
      importBytesMax: settings.importMaxBytes,
      publicUrl: settings.publicUrl,
      version: packageVersion(),
      now: Date.now,
    })
    const reload = () => {
      auth.reload()
      state.reload()
    }
    return { gateway, caller, reload, close }
  } catch (error) {
    await close()
    throw error
  }
}

/** Lets the gateway's metrics tell the state of the whole system. */
function observe({
  settings,
  metrics,
  bus,
  log,
  watch,
  mcpSessions,
}: {
  settings: Settings
  metrics: Metrics
  bus: RedisBus
  log: Log
  watch: Pick<RedisWatch, 'memoryShare'>
  mcpSessions: () => Promise<number>
}) {
  const keys = scanKeys(bus.keys.prefix)
  const scanners = scannersIfReadable(settings, metrics, log)
  const scans = makeScans(bus.keyspace, keys)
  metrics.observeState(async () => ({
    ...(await systemState({ bus, scans, scanKeys: keys, scanners, functions, workerGoneMs: HOST_GONE_MS })),
    redisMemoryShare: watch.memoryShare(),
    mcpSessions: await mcpSessions(),
  }))
  return { reload: () => reloadScanners(scanners, log), close: () => scanners.close() }
}

/** A gateway talks to no scanner and may lack their secrets: then its metrics leave them out, and the workers' have them. */
function scannersIfReadable(settings: Settings, metrics: Metrics, log: Log) {
  try {
    const scanners = makeScannerRegistry(settings, metrics, log)
    scanners.watch()
    return scanners
  } catch (error) {
    log.warn('the metrics of this gateway leave the scanners out', { error: String(error) })
    return { pools: () => [], entries: () => [], reload() {}, close: async () => {} }
  }
}

const makeId = (): string => eventId(randomBytes(ID_BYTES).toString('base64url'))

/** The sessions of the older protocol, which all gateways share. */
function openSessions({ sessionsMax, sessionsMaxPerCaller, sessionIdleMs: idleMs }: Settings, bus: RedisBus, log: Log) {
  const { connection, keys } = bus
  return {
    store: makeSessionStore({ connection, prefix: keys.prefix, idleMs, sessionsMax, sessionsMaxPerCaller, makeId }),
    news: makeSessionNews(log),
    scanLog: makeScanLog(bus),
  }
}

async function callerOptions({
  settings,
  bus,
  log,
}: {
  settings: Settings
  bus: RedisBus
  log: Log
}): Promise<CallerOptions> {
  const key = await secretKey(settings)
  return {
    bus,
    gateway: randomUUID(),
    tools,
    vault: makeVault(key),
    scanKeys: scanKeys(bus.keys.prefix),
    makeId,
    // Keyed, because what is hashed may hold passwords that could be guessed from a plain hash.
    digest: (text) => createHmac('sha256', key).update(text).digest('hex'),
    makeTraceparent: () => formatTraceparent(tracer.start()),
    log,
  }
}

/** Waits until no call is under way, but not longer than the grace. */
async function idle(caller: Caller, graceMs: number): Promise<void> {
  const end = performance.now() + graceMs
  while (caller.waiting > 0 && performance.now() < end) await sleep(IDLE_CHECK_MS)
}
