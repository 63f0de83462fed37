/**
 * Exports of runs: asked for, ready after a while, fetched once. Nothing is
 * kept but which run and which format; the document is written as it is fetched.
 */
import type { Random } from '../random.ts'
import type { Timeline } from '../timeline.ts'
import type { Run, SimulatedScan } from './scan.ts'

/** The oldest export is forgotten beyond this. */
const EXPORTS_MAX = 10_000
const TOKEN_DIGITS = 64

export const FORMATS = ['nessus', 'csv', 'html', 'pdf', 'db'] as const
export type Format = (typeof FORMATS)[number]

export interface Export {
  readonly file: number
  readonly token: string
  readonly scan: SimulatedScan
  readonly run: Run
  readonly format: Format
  readonly readyAtMs: number
  readonly fails: boolean
}

export interface SimulatedExports {
  add(request: { scan: SimulatedScan; run: Run; format: Format; delayMs: number }): Export
  byFile(scanId: number, file: number): Export | undefined
  byToken(token: string): Export | undefined
  state(found: Export): 'loading' | 'ready' | 'error'
  remove(found: Export): void
  /** Makes the next `times` exports fail. */
  failNext(times: number): void
  clear(): void
}

export function makeSimulatedExports({ timeline, random }: { timeline: Timeline; random: Random }): SimulatedExports {
  const byToken = new Map<string, Export>()
  const byFile = new Map<number, Export>()
  let nextFile = 1_000_000 + Math.floor(random.next() * 1_000_000_000)
  let failuresLeft = 0

  function remove(found: Export): void {
    byToken.delete(found.token)
    byFile.delete(found.file)
  }

  return {
    add({ scan, run, format, delayMs }) {
      const [oldest] = byToken.values()
      if (byToken.size >= EXPORTS_MAX && oldest) remove(oldest)
      // A PDF needs Java, which a scanner often lacks; the database format is not imitated.
      const fails = failuresLeft > 0 || format === 'pdf' || format === 'db'
      if (failuresLeft > 0) failuresLeft -= 1
      const file = nextFile++
      const made = {
        file,
        token: random.hex(TOKEN_DIGITS),
        scan,
        run,
        format,
        readyAtMs: timeline.now() + delayMs,
        fails,
      }
      byToken.set(made.token, made)
      byFile.set(file, made)
      return made
    },
    byFile(scanId, file) {
      const found = byFile.get(file)
      return found?.scan.id === scanId ? found : undefined
    },
    byToken: (token) => byToken.get(token),
    state(found) {
      if (timeline.now() < found.readyAtMs) return 'loading'
      return found.fails ? 'error' : 'ready'
    },
    remove,
    failNext(times) {
      failuresLeft = times
    },
    clear() {
      byToken.clear()
      byFile.clear()
    },
  }
}
