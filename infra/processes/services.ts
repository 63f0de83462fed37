/** Wires what gateway and worker share: scanners, reports, keys, vault. */
import { randomBytes } from 'node:crypto'
import type { Settings } from '../../config/settings.ts'
import type { Log } from '../../lib/base/log.ts'
import { incomingFolder } from '../../lib/facts/task-folder.ts'
import type { RedisBus } from '../../lib/bus/redis/redis-bus.ts'
import type { Limits, Services } from '../../lib/runtime/services.ts'
import type { Metrics } from '../../lib/observe/metrics.ts'
import { makeReports } from '../../lib/reports/reports.ts'
import type { ScannerEntry } from '../../lib/scanners/entry.ts'
import type { LoginMemory } from '../../lib/scanners/login-memory.ts'
import { makeNessusScanner } from '../../lib/scanners/nessus/nessus-scanner.ts'
import { makeRegistry, type ReloadableRegistry } from '../../lib/scanners/registry.ts'
import { scanKeys } from '../../lib/scans/scan-keys.ts'
import { makeScans } from '../../lib/scans/scans.ts'
import { makeVault } from '../../lib/scans/vault.ts'
import { makeScannerLog } from './scanner-log.ts'
import { secretKey } from './secret-key.ts'

/** Stores, texts and matches that reading results keeps in memory. */
const REPORT_CACHE_BYTES = 192 * 1024 * 1024

export const randomHex = (bytes: number): string => randomBytes(bytes).toString('hex')

export interface Wiring {
  readonly settings: Settings
  readonly bus: RedisBus
  readonly scanners: ReloadableRegistry
  readonly log: Log
}

/** Filled in once Redis is reached: the scanners' file is read before. */
export interface LateLogins {
  of?: (entry: ScannerEntry) => LoginMemory
}

export function makeScannerRegistry(
  settings: Settings,
  metrics: Metrics,
  log: Log,
  logins: LateLogins = {},
): ReloadableRegistry {
  return makeRegistry({
    file: settings.scannerConfig,
    env: process.env,
    log,
    makeScanner: (entry) =>
      makeNessusScanner({
        entry,
        now: Date.now,
        ...(logins.of && { logins: logins.of(entry) }),
        onRequest: ({ scanner, route, status, seconds }) => {
          metrics.scannerRequestSeconds.observe({ scanner, route, status: String(status) }, seconds)
        },
      }),
  })
}

/** Reads the scanners anew because somebody asked for it; a bad file is logged, and the scanners stay as they were. */
export function reloadScanners(scanners: Pick<ReloadableRegistry, 'reload' | 'entries'>, log: Log): void {
  try {
    scanners.reload()
    log.info('scanners read anew', { scanners: scanners.entries().length })
  } catch (error) {
    log.error('scanners not read anew: the old ones stay', { error })
  }
}

export async function makeServices({ settings, bus, scanners, log }: Wiring): Promise<Services> {
  const keys = scanKeys(bus.keys.prefix)
  const reading = { keyspace: bus.keyspace, scanKeys: keys }
  return {
    ...reading,
    scans: makeScans(bus.keyspace, keys),
    scanners,
    reports: makeReports({ dataDir: settings.dataDir, cacheBytesMax: REPORT_CACHE_BYTES, log }),
    busKeys: bus.keys,
    vault: makeVault(await secretKey(settings)),
    limits: limitsOf(settings),
    scannerLog: makeScannerLog(settings.dataDir, log),
    randomHex,
    log,
  }
}

function limitsOf(settings: Settings): Limits {
  return {
    pollIntervalMs: settings.pollIntervalMs,
    scanTimeoutMs: settings.scanTimeoutMs,
    targetsMax: settings.targetsMax,
    queueMax: settings.queueMax,
    queueMaxPerCaller: settings.queueMaxPerCaller,
    scannerRetentionMs: settings.nessusScanRetentionMs,
    publicUrl: settings.publicUrl,
    completedTtlMs: settings.completedTtlMs,
    failedTtlMs: settings.failedTtlMs,
    importDir: settings.importDir,
    uploadDir: incomingFolder(settings.dataDir),
    importBytesMax: settings.importMaxBytes,
    importQuotaBytes: settings.importQuotaBytes,
    resultBytesMax: settings.maxResultBytes,
  }
}
