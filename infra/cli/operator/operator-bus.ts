/** The bus as an operator's command reaches it: REDIS_URL, or the private Redis of an `up` that runs on this machine. */
import type { Settings } from '../../../config/settings.ts'
import { PermanentError } from '../../../lib/base/errors.ts'
import { silentLog } from '../../../lib/base/log.ts'
import { RedisBus } from '../../../lib/bus/redis/redis-bus.ts'
import { makeRoutes, type Routes } from '../../../lib/runtime/routes.ts'
import { scanKeys, type ScanKeys } from '../../../lib/scans/scan-keys.ts'
import { makeScans, type Scans } from '../../../lib/scans/scans.ts'
import { functions } from '../../../functions/index.ts'
import { runningRedis } from '../../redis/running-redis.ts'
import { makeScannerRegistry, randomHex } from '../../processes/services.ts'
import { makeMetrics } from '../../../lib/observe/metrics.ts'
import type { ScannerRegistry } from '../../../lib/scanners/entry.ts'
import type { ReloadableRegistry } from '../../../lib/scanners/registry.ts'

export interface Operator {
  readonly bus: RedisBus
  readonly scans: Scans
  readonly scanKeys: ScanKeys
  readonly routes: Routes
  readonly scanners: ScannerRegistry
  readonly randomHex: (bytes: number) => string
}

/** Connects, lets `work` have its way, and disconnects. */
export async function asOperator<T>(settings: Settings, work: (operator: Operator) => Promise<T>): Promise<T> {
  const url = settings.redisUrl ?? privateRedis(settings.dataDir)
  const bus = new RedisBus({ url, name: settings.redisPrefix, consumer: `operator-${randomHex(4)}`, log: silentLog })
  const keys = scanKeys(bus.keys.prefix)
  // Read when it is asked for: a bad file must not keep anybody from looking at the dead letters.
  let scanners: ReloadableRegistry | undefined
  const readScanners = () => (scanners ??= makeScannerRegistry(settings, makeMetrics({ log: silentLog }), silentLog))
  try {
    const scans = makeScans(bus.keyspace, keys)
    return await work({
      bus,
      scans,
      scanKeys: keys,
      routes: makeRoutes(functions),
      randomHex,
      get scanners() {
        return readScanners()
      },
    })
  } finally {
    await scanners?.close()
    await bus.close()
  }
}

function privateRedis(dataDir: string): string {
  const url = runningRedis(dataDir)
  if (url !== undefined) return url
  throw new PermanentError(
    `REDIS_URL: expected the address of the Redis that the workers use, got none; and no \`nessus-mcp up\` runs on ${dataDir} (DATA_DIR).`,
  )
}
