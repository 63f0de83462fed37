/** Runs a long-lived part of the system until it is told to end, and ends it cleanly. */
import { loadSettings, type Settings } from '../../../config/settings.ts'
import { causeChain } from '../../../lib/base/cause-chain.ts'
import { PermanentError } from '../../../lib/base/errors.ts'
import type { Log } from '../../../lib/base/log.ts'
import { makeLog } from '../../../lib/observe/log.ts'
import { makeMetrics, type Metrics } from '../../../lib/observe/metrics.ts'
import { takeSignals } from '../../processes/signals.ts'

/** Something is wrong with what was asked or configured; trying again will not help. */
export const EXIT_USAGE = 2
const EXIT_FAILURE = 1

export interface Surroundings {
  readonly settings: Settings
  readonly log: Log
  readonly metrics: Metrics
  /** Ends the process as if by a signal, with a failure. */
  readonly fail: (reason: string) => void
}

export interface Running {
  /** Reads the configuration anew; what is wrong with it is logged, and what was there stays. */
  reload?(): void
  close(): Promise<void>
}

/** Reads the settings, starts, goes on until a signal tells it to stop, and closes. SIGHUP reads the configuration anew. */
export async function runUntilStopped(start: (surroundings: Surroundings) => Promise<Running>): Promise<void> {
  // Whatever is written from here on, by a library or by the Redis that `up` starts too, is for the owner only.
  process.umask(0o077)
  let log: Log | undefined
  let running: Running | undefined
  // Asked while it still starts, it may have read the old file already.
  let askedEarly = false
  const reload = () => (running ? running.reload?.() : (askedEarly = true))
  const { stopped, fail } = takeSignals(reload)
  try {
    const settings = loadSettings(process.env)
    log = makeLog({ level: settings.logLevel, format: settings.logFormat, stream: process.stderr })
    const metrics = makeMetrics({ log, runtime: true })
    running = await start({ settings, log, metrics, fail })
    if (askedEarly) reload()
    const failure = await stopped
    log.info('stopping', failure === undefined ? {} : { reason: failure })
    await running.close()
    process.exitCode = failure === undefined ? 0 : EXIT_FAILURE
  } catch (error) {
    complain(error)
    process.exitCode = error instanceof PermanentError ? EXIT_USAGE : EXIT_FAILURE
  }
  // Whatever a library still holds open must not keep a stopped process alive.
  setTimeout(() => process.exit(), 1000).unref()
}

/** One sentence and its causes, for a person. */
export function complain(error: unknown): void {
  process.stderr.write(`nessus-mcp: ${causeChain(error).join('\n  because: ')}\n`)
}
