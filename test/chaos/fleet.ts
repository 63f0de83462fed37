/** What the chaos suite breaks: two gateways, three workers, one Redis, three scanners, each a process of its own. */
import { fileURLToPath } from 'node:url'
import { entryFor, type Lab, type LabSimulator } from '../support/lab.ts'
import type { Program } from '../support/processes.ts'
import type { TestRedis } from '../support/redis.ts'
import type { Seeded } from './seeded.ts'
import { takeOutFence } from './take-out-fence.ts'

export const LEASE_SECONDS = 2
const POOLS = ['north', 'east', 'south'] as const
const SLOTS = 6
const SCAN_SECONDS = 0.5
/** Clocks of workers are wrong by as much; none of it may matter. */
const SKEWS_MS = [0, 3_600_000, -3_600_000]
const SKEWED = fileURLToPath(new URL('fixtures/skewed-clock.mjs', import.meta.url))

/** A place where a process runs, and after its death the next one. */
export interface Berth {
  readonly name: string
  program: Program
  /** Of a gateway: changes with each start. */
  url: string
  /** Somebody is breaking it just now. */
  busy: boolean
  restart(): Promise<void>
}

export interface Fleet {
  readonly lab: Lab
  readonly redis: TestRedis & { busy: boolean }
  readonly pools: readonly string[]
  readonly simulators: readonly LabSimulator[]
  readonly gateways: readonly Berth[]
  readonly workers: readonly Berth[]
}

export async function startFleet(lab: Lab, seeded: Seeded, options: { fenced: boolean }): Promise<Fleet> {
  if (!options.fenced) takeOutFence(lab.installed)
  // With `everysec` a killed Redis may itself have lost its last second, which nobody outside can make good.
  const redis = await lab.redis({ fsync: 'always' })
  const flags = ['--scan-seconds', String(SCAN_SECONDS)]
  const simulators = await Promise.all(POOLS.map((pool) => lab.simulator(pool, flags)))
  await lab.scanners(Object.fromEntries(simulators.map((each, n) => [POOLS[n], [entryFor(each, POOLS[n]!, SLOTS)]])))
  const env = {
    REDIS_URL: redis.url,
    LEASE_SECONDS: String(LEASE_SECONDS),
    NESSUS_SCAN_RETENTION_HOURS: '0.001',
    SHUTDOWN_GRACE_SECONDS: '2',
  }
  const startGateway = async (name: string) => lab.gateway(name, env)
  const startWorker = async (name: string) => {
    const own = { ...env, CLOCK_SKEW_MS: String(seeded.pick(SKEWS_MS)) }
    const program = await lab.worker(name, own, {
      nodeFlags: ['--import', SKEWED],
    })
    return { program, url: '' }
  }
  const [gateways, workers] = await Promise.all([
    Promise.all(['gateway-1', 'gateway-2'].map((name) => berth(name, startGateway))),
    Promise.all(['worker-1', 'worker-2', 'worker-3'].map((name) => berth(name, startWorker))),
  ])
  return { lab, redis: Object.assign(redis, { busy: false }), pools: POOLS, simulators, gateways, workers }
}

async function berth(
  name: string,
  start: (name: string) => Promise<{ program: Program; url: string }>,
): Promise<Berth> {
  const here: Berth = {
    ...(await start(name)),
    name,
    busy: false,
    async restart() {
      // With Redis away a process does not start; an orchestrator tries again, and so do we.
      for (let tries = 1; ; tries++) {
        try {
          return void Object.assign(here, await start(name))
        } catch (error) {
          if (tries === 5) throw error
        }
      }
    },
  }
  return here
}
