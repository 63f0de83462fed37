/** As many simulated scanners as it takes to run so many scans at once: a scanner's entry may have 100 slots. */
import { startSimulator, type Simulator } from '../../../infra/simulator/simulator.ts'
import { entryFor } from '../../support/lab.ts'

const SLOTS_MAX = 100
const POOL_SCANNERS_MAX = 10

export interface Scanners {
  /** For scanners.yaml: pools of ten. */
  readonly pools: Readonly<Record<string, readonly object[]>>
  launches(): number
  /** Requests of any kind. */
  requests(): number
  close(): Promise<void>
}

export async function startScanners(slots: number, options: { scanSeconds: number }): Promise<Scanners> {
  const started = await Promise.all(
    Array.from({ length: Math.ceil(slots / SLOTS_MAX) }, () => startSimulator({ ...options, port: 0 })),
  )
  const sum = (count: (totals: ReturnType<Simulator['control']['counts']>['totals']) => number) =>
    started.reduce((total, { control }) => total + count(control.counts().totals), 0)
  const pools: Record<string, object[]> = {}
  for (const [n, simulator] of started.entries()) {
    const pool = (pools[`pool-${Math.floor(n / POOL_SCANNERS_MAX)}`] ??= [])
    pool.push(entryFor(simulator, `scanner-${n}`, Math.min(SLOTS_MAX, slots)))
  }
  return {
    pools,
    launches: () => sum(({ launches }) => launches),
    requests: () => sum(({ requests }) => requests),
    async close() {
      await Promise.all(started.map((simulator) => simulator.close()))
    },
  }
}
