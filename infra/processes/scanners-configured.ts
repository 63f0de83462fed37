import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parse } from 'yaml'

/** Whether the file says anything at all: a bad file counts as one that does, so that its error is shown rather than a simulator. */
export function scannersConfigured(file: string): boolean {
  if (!existsSync(file)) return false
  try {
    const content: unknown = parse(readFileSync(file, 'utf8'))
    return typeof content === 'object' && content !== null && Object.keys(content).length > 0
  } catch {
    return true
  }
}

/** Written into the data directory by an `up` that runs a simulated scanner. */
export const SIMULATOR_CONFIG = 'simulator.yaml'

/** The file that says which scanners there are: the configured one or, where that says nothing, the simulator's. */
export function scannerFile({ scannerConfig, dataDir }: { scannerConfig: string; dataDir: string }): string {
  const simulator = join(dataDir, SIMULATOR_CONFIG)
  return !scannersConfigured(scannerConfig) && existsSync(simulator) ? simulator : scannerConfig
}
