/** Has a scanner make a report, and waits for it. */
import { setTimeout as sleep } from 'node:timers/promises'
import type { OwnRun } from './own-scan.ts'
import type { Scanner } from './scanner.ts'

/** How long a scanner may say that it makes the file: for the largest scans it takes hours, and asked anew it would begin anew. */
const WAIT_MS = 12 * 3_600_000
const FIRST_LOOK_MS = 100
const LOOK_MAX_MS = 5000
/** A file that is long in the making is looked for less often. */
const LONG_MS = 600_000
const LOOK_LONG_MS = 30_000

/** Asks for an export and waits until it can be fetched. The handle opens the report to anyone, so it is kept nowhere. */
export async function awaitExport(scanner: Scanner, run: OwnRun, signal: AbortSignal): Promise<string> {
  const handle = await scanner.requestExport(run)
  let waitedMs = 0
  for (let pauseMs = FIRST_LOOK_MS; waitedMs < WAIT_MS; pauseMs = nextPause(pauseMs, waitedMs)) {
    const state = await scanner.exportState(run, handle)
    if (state === 'ready') return handle
    if (state === 'gone') throw new Error('the scanner gave up on the export, or forgot it')
    await sleep(pauseMs, undefined, { signal })
    waitedMs += pauseMs
  }
  throw new Error(`the scanner has not made the export within ${WAIT_MS / 3_600_000} hours`)
}

const nextPause = (pauseMs: number, waitedMs: number): number =>
  Math.min(pauseMs * 1.5, waitedMs < LONG_MS ? LOOK_MAX_MS : LOOK_LONG_MS)
