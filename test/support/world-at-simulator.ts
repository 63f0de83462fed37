/** The real functions and the real client against a simulated scanner, over HTTP: what the tools say of what people did there. */
import { onTestFinished } from 'vitest'
import type { SimulatorOptions } from '../../infra/simulator/options.ts'
import { startSimulator } from '../../infra/simulator/simulator.ts'
import { makeNessusScanner } from '../../lib/scanners/nessus/nessus-scanner.ts'
import type { ScannerEntry } from '../../lib/scanners/entry.ts'
import type { OwnRun } from '../../lib/scanners/own-scan.ts'
import type { Scanner } from '../../lib/scanners/scanner.ts'
import { makeFakeRegistry, scannerEntry } from './fake-registry.ts'
import { makeWorld, type WorldOptions } from './world.ts'

interface AtSimulator {
  readonly simulator?: SimulatorOptions
  readonly entry?: Partial<ScannerEntry>
  readonly world?: WorldOptions
}

/** A world whose one scanner, `lab/one`, is the simulator. Ended with the test. */
export async function worldAtSimulator(options: AtSimulator = {}) {
  const simulator = await startSimulator({ scanSeconds: 0.01, ...options.simulator })
  const { url, accessKey, secretKey } = simulator
  const entry = scannerEntry({ url, accessKey, secretKey, ...options.entry })
  const nessus = makeNessusScanner({ entry, now: Date.now })
  onTestFinished(async () => {
    await nessus.close()
    await simulator.close()
  })
  const exported: OwnRun[] = []
  const client: Scanner = {
    ...nessus,
    requestExport(run) {
      exported.push(run)
      return nessus.requestExport(run)
    },
  }
  const fakes = makeFakeRegistry([entry], { now: Date.now })
  const world = makeWorld({ ...options.world, registry: { ...fakes, scanner: () => client, clientOf: () => client } })
  /** `exported` are the runs of which a report was asked for. */
  return { world, registry: fakes, client, simulator, people: simulator.control.people, exported }
}
