/** Has a scanner make a report, and waits for it. */
import { setTimeout as sleep } from 'node:timers/promises'
import type { OwnRun } from './own-scan.ts'
import type { Scanner } from './scanner.ts'

/** How long one call waits for the scanner to make the file. */
const WAIT_MS = 600_000
const FIRST_LOOK_MS = 100
const LOOK_MAX_MS = 5000

/** Asks for an export and waits until it can be fetched. The handle opens the report to anyone, so it is kept nowhere. */
export async function awaitExport(scanner: Scanner, run: OwnRun, signal: AbortSignal): Promise<string> {
  const handle = await scanner.requestExport(run)
  let waitedMs = 0
  for (let pauseMs = FIRST_LOOK_MS; waitedMs < WAIT_MS; pauseMs = Math.min(pauseMs * 1.5, LOOK_MAX_MS)) {
    const state = await scanner.exportState(run, handle)
    if (state === 'ready') return handle
    if (state === 'gone') throw new Error('the scanner gave up on the export, or forgot it')
    await sleep(pauseMs, undefined, { signal })
    waitedMs += pauseMs
  }
  throw new Error(`the scanner has not made the export within ${WAIT_MS / 60_000} minutes`)
}
