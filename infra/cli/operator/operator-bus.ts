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
import { randomHex } from '../../processes/services.ts'

export interface Operator {
  readonly bus: RedisBus
  readonly scans: Scans
  readonly scanKeys: ScanKeys
  readonly routes: Routes
  readonly randomHex: (bytes: number) => string
}

/** Connects, lets `work` have its way, and disconnects. */
export async function asOperator<T>(settings: Settings, work: (operator: Operator) => Promise<T>): Promise<T> {
  const url = settings.redisUrl ?? privateRedis(settings.dataDir)
  const bus = new RedisBus({ url, name: settings.redisPrefix, consumer: `operator-${randomHex(4)}`, log: silentLog })
  const keys = scanKeys(bus.keys.prefix)
  try {
    const scans = makeScans(bus.keyspace, keys)
    return await work({ bus, scans, scanKeys: keys, routes: makeRoutes(functions), randomHex })
  } finally {
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
