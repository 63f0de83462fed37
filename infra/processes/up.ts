/** Everything in one process: what a newcomer starts, and what a small installation needs. */
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Settings } from '../../config/settings.ts'
import type { Running, Surroundings } from '../cli/commands/run-until-stopped.ts'
import { startGateway, startStdioGateway } from './gateway.ts'
import type { StdioOptions } from '../../lib/gateway/mcp/stdio.ts'
import { makeFolder } from '../../lib/base/make-folder.ts'
import { startRedis } from '../redis/embedded.ts'
import { takeOwnership } from '../redis/ownership.ts'
import { privateRedis } from '../redis/running-redis.ts'
import { hostOrJoin } from './host-or-join.ts'
import { SIMULATOR_CONFIG, scannerFile, scannersConfigured } from './scanners-configured.ts'
import { startSimulator } from '../simulator/simulator.ts'
import { welcome } from './welcome.ts'
import { startWorker } from './worker.ts'

const SIMULATOR_SLOTS = 2
const SIMULATOR_FOLDER = 'simulator'

export interface UpOptions {
  readonly scanSeconds: number
  /** A folder of .nessus files for the simulated scanner. */
  readonly reports?: string
  /** Serve that folder's reports in turn, or only to scans that name one. */
  readonly reportsInTurn?: boolean
}

/** Starts everything, and prints where it is. */
export function startAll(surroundings: Surroundings, options: UpOptions): Promise<Running> {
  return startInOrder(async (started) => {
    const { settings, redisUrl, simulated } = await startBelow(surroundings, options, started)
    const { log, metrics } = surroundings
    const gateway = await startGateway({ settings, redisUrl, metrics, log })
    started.push(gateway)
    const { scannerConfig } = surroundings.settings
    process.stdout.write(welcome({ url: gateway.url, simulated, scannerConfig, dataDir: settings.dataDir }))
  })
}

/** MCP over standard input and output, for a desktop client: on the Redis of an installation, or on a house of its own. */
export function startAllForStdio(
  surroundings: Surroundings,
  options: UpOptions & Pick<StdioOptions, 'toolsets'>,
): Promise<Running> {
  return startInOrder(async (started) => {
    const { settings, log, metrics } = surroundings
    const redisUrl = settings.redisUrl ?? privateRedis(settings.dataDir).url
    if (settings.redisUrl === undefined) {
      const hosting = async (parts: Running[]) => void (await startBelow(surroundings, options, parts))
      started.push(await hostOrJoin(surroundings, hosting))
    }
    const seen = { ...settings, scannerConfig: scannerFile(settings) }
    started.push(
      await startStdioGateway({
        settings: seen,
        redisUrl,
        metrics,
        log,
        ...(options.toolsets && { toolsets: options.toolsets }),
      }),
    )
  })
}

/** Starts parts in the order in which they need each other; closes what has started if a later one does not. */
async function startInOrder(start: (started: Running[]) => Promise<void>): Promise<Running> {
  const started: Running[] = []
  const close = async () => {
    for (const part of started.toReversed()) await part.close()
  }
  const reload = () => {
    for (const part of started) part.reload?.()
  }
  try {
    await start(started)
    return { reload, close }
  } catch (error) {
    await close()
    throw error
  }
}

/** All that a gateway stands on: Redis, a scanner, a worker. Nothing in the data directory is touched before its lock is held. */
async function startBelow(surroundings: Surroundings, options: UpOptions, started: Running[]) {
  const { log, metrics } = surroundings
  const redisUrl = await redisFor(surroundings, started)
  const { settings, simulated } = await withScanner(surroundings, options, started)
  started.push(await startWorker({ settings, redisUrl, metrics, log }))
  return { settings, redisUrl, simulated }
}

async function redisFor({ settings, log, fail }: Surroundings, started: Running[]): Promise<string> {
  if (settings.redisUrl !== undefined) return settings.redisUrl
  const redis = await startRedis({ dataDir: settings.dataDir, log, onCrash: fail })
  started.push({ close: () => redis.stop() })
  return redis.url
}

/** The settings as they are when a scanner is configured, else with a simulated one. */
async function withScanner(
  { settings, log }: Surroundings,
  options: UpOptions,
  started: Running[],
): Promise<{ settings: Settings; simulated: string | undefined }> {
  if (scannersConfigured(settings.scannerConfig)) return { settings, simulated: undefined }
  // The private Redis is a lock on the directory; with one from elsewhere, the simulator has its own.
  if (settings.redisUrl !== undefined) {
    const ownership = await takeOwnership(join(settings.dataDir, SIMULATOR_FOLDER), async () => true)
    started.push({ close: async () => ownership.release() })
  }
  const simulator = await startSimulator({
    port: 0,
    scanSeconds: options.scanSeconds,
    ...(options.reports === undefined ? {} : { reportsDirs: [options.reports] }),
    reportsInTurn: options.reportsInTurn ?? true,
    stateFile: join(settings.dataDir, SIMULATOR_FOLDER, 'state.json'),
    log,
  })
  started.push({
    reload() {
      if (!scannersConfigured(settings.scannerConfig)) return
      log.warn('scanners are configured now, and this process began with a simulated one: start it again', {
        file: settings.scannerConfig,
      })
    },
    close: () => simulator.close(),
  })
  await makeFolder(settings.dataDir)
  const scannerConfig = join(settings.dataDir, SIMULATOR_CONFIG)
  await writeFile(scannerConfig, simulatorYaml(simulator), { mode: 0o600 })
  return { settings: { ...settings, scannerConfig }, simulated: simulator.url }
}

function simulatorYaml({ url, accessKey, secretKey }: { url: string; accessKey: string; secretKey: string }): string {
  const entry = {
    instance_id: 'simulator',
    name: 'Simulated scanner',
    url,
    enabled: true,
    max_concurrent_scans: SIMULATOR_SLOTS,
    access_key: accessKey,
    secret_key: secretKey,
  }
  return `# Written by \`nessus-mcp up\` at each start while no scanner is configured.\nnessus:\n  - ${JSON.stringify(entry)}\n`
}
