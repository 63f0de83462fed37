/** Asks scanners how they are, each over a client of its own. */
import type { ScannerEntry } from '../../../lib/scanners/entry.ts'
import { makeNessusScanner } from '../../../lib/scanners/nessus/nessus-scanner.ts'
import type { ScannerHealth } from '../../../lib/scanners/scanner.ts'

export interface Probed extends ScannerHealth {
  readonly key: string
}

/** Enabled scanners only; one that cannot be used says why in `problem`. */
export function probeScanners(entries: readonly ScannerEntry[]): Promise<Probed[]> {
  return Promise.all(
    entries
      .filter(({ enabled }) => enabled)
      .map(async (entry) => {
        const scanner = makeNessusScanner({ entry, now: Date.now })
        try {
          return { key: entry.key, ...(await scanner.probe()) }
        } finally {
          await scanner.close()
        }
      }),
  )
}
