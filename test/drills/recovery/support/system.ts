/** One gateway, one worker and one simulated scanner in a lab of their own. */
import { join } from 'node:path'
import { onTestFinished } from 'vitest'
import { until } from '../../../bus/bus-events.ts'
import { callTool, ended, resultOf, submit } from '../../../support/http-tools.ts'
import { entryFor, openTestLab, type Lab, type LabSimulator, type Served } from '../../../support/lab.ts'
import type { Program } from '../../../support/processes.ts'
import { markerOf, readCounts } from '../../../support/simulator-judge.ts'

export interface System {
  readonly lab: Lab
  readonly env: Readonly<Record<string, string>>
  readonly dataDir: string
  readonly simulator: LabSimulator
  readonly gateway: Served
  readonly worker: Program
  submit(name: string, more?: object): Promise<string>
  step(taskId: string): Promise<string>
  /** Waits until the scan is at `step`. */
  reach(taskId: string, step: string): Promise<void>
  ended(taskId: string): Promise<Readonly<Record<string, unknown>>>
  health(): Promise<Readonly<Record<string, unknown>>>
  /** Runs an operator's command; what it printed. Throws when it fails. */
  operate(...args: string[]): Promise<string>
  /** How often each of these was created and launched at the scanner. */
  tally(taskIds: readonly string[]): Promise<{ creates: number; launches: number }[]>
}

export interface SystemOptions {
  readonly lab?: Lab
  readonly redisUrl: string
  readonly scanSeconds?: number
  readonly slots?: number
  readonly env?: Readonly<Record<string, string>>
  readonly nodeFlags?: readonly string[]
}

export function openHere(): Lab {
  return openTestLab({ onTestFinished })
}

export async function startSystem(lab: Lab, options: SystemOptions): Promise<System> {
  const { redisUrl, scanSeconds = 1, slots = 4, nodeFlags = [] } = options
  const env = { REDIS_URL: redisUrl, LEASE_SECONDS: '2', ...options.env }
  const simulator = await lab.simulator('simulator', ['--scan-seconds', String(scanSeconds)])
  await lab.scanners({ nessus: [entryFor(simulator, 'one', slots)] })
  const [gateway, worker] = await Promise.all([
    lab.gateway('gateway', env, { nodeFlags }),
    lab.worker('worker', env, { nodeFlags }),
  ])
  const step = async (taskId: string) =>
    String((await resultOf(gateway.url, 'get_scan_status', { task_id: taskId }))['step'])
  return {
    lab,
    env,
    dataDir: join(lab.folder, 'data'),
    simulator,
    gateway,
    worker,
    step,
    submit: (name, more = {}) => submit(gateway.url, { targets: '192.0.2.7', name, ...more }),
    reach: (taskId, wanted) => until(async () => (await step(taskId)) === wanted, `${taskId} is ${wanted}`),
    ended: (taskId) => endedAtLast(gateway.url, taskId),
    health: async () => (await (await fetch(`${gateway.url}/health`)).json()) as Readonly<Record<string, unknown>>,
    async operate(...args) {
      const program = lab.run(`operator-${args.join('-').replaceAll('/', '_')}-${Math.random()}`, args, { env })
      const { code } = await program.exited
      if (code !== 0) throw new Error(`${args.join(' ')} ended with ${code}: ${program.output}`)
      return program.output
    },
    async tally(taskIds) {
      const { scans } = await readCounts(simulator.url)
      return taskIds.map((taskId) => {
        const own = scans.filter((scan) => markerOf(scan) === taskId)
        const sum = (of: 'creates' | 'launches') => own.reduce((total, scan) => total + scan[of], 0)
        return { creates: sum('creates'), launches: sum('launches') }
      })
    },
  }
}

/** As {@link ended}, while calls may be refused because Redis is away. */
async function endedAtLast(url: string, taskId: string): Promise<Readonly<Record<string, unknown>>> {
  await until(
    async () => (await callTool(url, 'get_scan_status', { task_id: taskId }).catch(() => undefined))?.status === 200,
    `${taskId} can be asked for`,
    60_000,
  )
  return ended(url, taskId)
}

export const ONCE = { creates: 1, launches: 1 }
