/** Starts a worker: the dispatcher with the functions this process hosts. */
import { setTimeout as sleep } from 'node:timers/promises'
import type { Settings } from '../../config/settings.ts'
import { functions as allFunctions, steps, tools } from '../../functions/index.ts'
import { PermanentError } from '../../lib/base/errors.ts'
import type { Log } from '../../lib/base/log.ts'
import { meantPerhaps } from '../../lib/base/near-names.ts'
import type { Delivery } from '../../lib/bus/bus.ts'
import { HOST_GONE_MS } from '../../lib/bus/hosting.ts'
import { RedisBus } from '../../lib/bus/redis/redis-bus.ts'
import { countRuns } from '../../lib/runtime/count-runs.ts'
import { dispatch } from '../../lib/runtime/dispatcher.ts'
import type { AnyFunction } from '../../lib/runtime/function.ts'
import { decideFailures } from '../../lib/runtime/retry/decide-failures.ts'
import { noteScannerBack } from '../../lib/runtime/retry/scanner-health.ts'
import { makeRoutes } from '../../lib/runtime/routes.ts'
import { runDelivery } from '../../lib/runtime/run-delivery.ts'
import type { Runner } from '../../lib/runtime/runner.ts'
import { returnToScanner } from '../../lib/scan-work/recover/return-to-scanner.ts'
import { systemState } from '../../lib/scan-work/show/system-state.ts'
import type { Metrics } from '../../lib/observe/metrics.ts'
import { sharedLogins } from '../../lib/scanners/shared-logins.ts'
import { makeSnapshots } from '../../lib/scans/snapshots.ts'
import { openDataFolder } from './data-folder.ts'
import { checkConnection } from '../redis/check-connection.ts'
import { watchRedis } from '../redis/watch.ts'
import { makeRecorder } from './recorder.ts'
import { startUpkeepClock } from './clock.ts'
import { makeScannerRegistry, makeServices, randomHex, reloadScanners, type LateLogins } from './services.ts'
import { workerHealth, type WorkerHealth } from './health.ts'

const BACKOFF = { baseMs: 1000, maxMs: 300_000 }

export interface Worker {
  /** Whether Redis answers and is safe to use, and the data directory can be written to: without them a worker does nothing. */
  health(): Promise<WorkerHealth>
  /** Reads the scanners anew. */
  reload(): void
  /** Hands over what it is running, and ends; resolves when nothing is left running. */
  close(): Promise<void>
}

export interface ProcessOptions {
  readonly settings: Settings
  /** Where Redis is: REDIS_URL, or the private one of `up`. */
  readonly redisUrl: string
  readonly metrics: Metrics
  readonly log: Log
}

/** Connects, checks Redis and starts. Holds two connections: a reader, and one for commands. */
export async function startWorker({ settings, redisUrl, metrics, log }: ProcessOptions): Promise<Worker> {
  if (settings.workerPools.length > 0) {
    throw new PermanentError(
      `WORKER_POOLS: expected none, got ${settings.workerPools.join(', ')}: every worker serves every pool, so leave it out. ` +
        'To keep networks apart, run one installation in each (REDIS_PREFIX, DATA_DIR); FUNCTIONS divides work by kind.',
    )
  }
  const hosted = chosenFunctions(settings.functions)
  await openDataFolder(settings.dataDir, log)
  // Reads the file: what is wrong there is told before anything is opened.
  const logins: LateLogins = {}
  const scanners = makeScannerRegistry(settings, metrics, log, logins)
  const bus = await openBus({ settings, redisUrl, metrics, log })
  const watch = watchRedis({ connection: bus.connection, log })
  scanners.watch()
  const services = await makeServices({ settings, bus, scanners, log })
  logins.of = (entry) => sharedLogins(entry, { bus, ...services })
  const stopping = new AbortController()
  const snapshots = makeSnapshots(settings.dataDir, randomHex)
  const recorder = makeRecorder({ snapshots, services, metrics, log })
  const runner: Runner = {
    bus,
    services,
    keys: { bus: bus.keys, scans: services.scanKeys, routes: makeRoutes(allFunctions) },
    functions: new Map(hosted.map((definition) => [definition.name, definition])),
    backoff: BACKOFF,
    random: Math.random,
    stopping: stopping.signal,
    layers: [
      countRuns(metrics),
      decideFailures,
      recorder.makeUpFirst,
      returnToScanner({ bus, ...services, snapshots }),
      recorder.recordChanges,
      noteScannerBack,
    ],
    log,
  }
  metrics.observeState(async () => ({
    ...(await systemState({ bus, ...services, scanners, functions: allFunctions, workerGoneMs: HOST_GONE_MS })),
    redisMemoryShare: watch.memoryShare(),
  }))
  await bus.host(hosted.map(({ name }) => name))
  const { routes } = runner.keys
  const stopClock = startUpkeepClock({ bus, routes, expireEveryMs: settings.housekeepingIntervalMs, log })
  const run = (delivery: Delivery) => runDelivery(delivery, runner)
  const dispatching = dispatch({ bus, functions: hosted, run, pause: sleep, log }, stopping.signal)
  log.info('worker started', { functions: hosted.length, scanners: scanners.entries().length })
  return {
    health: () => workerHealth(watch, settings.dataDir),
    reload: () => reloadScanners(scanners, log),

    async close() {
      stopClock()
      watch.close()
      stopping.abort()
      const grace = sleep(settings.shutdownGraceMs, undefined, { ref: false })
      await Promise.race([dispatching, grace])
      // What has not ended by now is handed to another worker, its count of deliveries unchanged.
      await bus.release().catch((error: unknown) => log.warn('leases will lapse', { error: String(error) }))
      await bus.close()
      await scanners.close()
    },
  }
}

/** Connects, and checks that Redis is what it must be; closes again when it is not. */
async function openBus({ settings, redisUrl, metrics, log }: ProcessOptions): Promise<RedisBus> {
  const bus = new RedisBus({
    url: redisUrl,
    name: settings.redisPrefix,
    consumer: `${process.pid}-${randomHex(4)}`,
    leaseMs: settings.leaseMs,
    onSettle: (outcome) => metrics.settlesTotal.inc({ outcome }),
    log,
  })
  await checkConnection(bus.connection, log).catch(async (error: unknown) => {
    await bus.close()
    throw error
  })
  return bus
}

/** The functions named in FUNCTIONS (`tools` and `steps` stand for all of a kind), or all. */
function chosenFunctions(names: readonly string[]): readonly AnyFunction[] {
  if (names.length === 0) return allFunctions
  const groups: Readonly<Record<string, readonly { readonly name: string }[]>> = { tools, steps }
  const known = allFunctions.map(({ name }) => name)
  const wanted = names.flatMap((name) =>
    Object.hasOwn(groups, name) ? groups[name]!.map((each) => each.name) : [name],
  )
  const unknown = wanted.filter((name) => !known.includes(name))
  if (unknown.length > 0) {
    const hints = unknown.map((name) => `${name}${meantPerhaps(name, known)}`)
    throw new PermanentError(
      `FUNCTIONS: no function named ${hints.join(', ')}. Known: tools, steps, ${known.join(', ')}`,
    )
  }
  return allFunctions.filter(({ name }) => wanted.includes(name))
}
