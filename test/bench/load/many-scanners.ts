/** As many simulated scanners as it takes to run so many scans at once: a scanner's entry may have 100 slots. */
import { startSimulator, type Simulator } from '../../../infra/simulator/simulator.ts'
import { entryFor } from '../../support/lab.ts'

const SLOTS_MAX = 100

export interface Scanners {
  /** For scanners.yaml. */
  readonly entries: readonly object[]
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
  return {
    entries: started.map((simulator, n) => entryFor(simulator, `scanner-${n}`, Math.min(SLOTS_MAX, slots))),
    launches: () => sum(({ launches }) => launches),
    requests: () => sum(({ requests }) => requests),
    async close() {
      await Promise.all(started.map((simulator) => simulator.close()))
    },
  }
}
