/**
 * Fetches the finished scan's report into the data directory.
 *
 *   scan.finished → export → report.exported
 *
 * Safe to run twice: the file appears under its name only when it is whole, and
 * a second run replaces it with the same report.
 */
import { setTimeout as sleep } from 'node:timers/promises'
import * as v from 'valibot'
import { scanFunction } from '../../lib/functions/function.ts'
import { nothing } from '../../lib/functions/outcome.ts'
import type { Scanner } from '../../lib/scanners/scanner.ts'
import { scannerOf } from '../../lib/scanners/scanner-of.ts'
import { update } from '../../lib/scans/change.ts'

/** How long one run waits for the scanner to make the file, before the event is tried again. */
const WAIT_MS = 600_000
const FIRST_LOOK_MS = 100
const LOOK_MAX_MS = 5000

export default scanFunction({
  name: 'export',
  consumes: ['scan.finished'],
  concurrency: 10,
  input: v.object({}),
  emits: { 'report.exported': v.object({ sha256: v.string() }) },

  async run(_data, context) {
    const { scan, reports, limits, event, signal } = context
    if (scan.next !== event.id) return nothing
    const scanner = scannerOf(scan, context)
    const id = scan.scanner_scan_id!
    const handle = await exported(scanner, id, signal)
    const bytes = await scanner.download(id, handle)
    const { sizeBytes, sha256 } = await reports.receive(scan.task_id, bytes, { bytesMax: limits.resultBytesMax })
    return {
      scans: [update(scan, { step: 'validating', native: { size_bytes: sizeBytes, sha256 } })],
      emit: [{ type: 'report.exported', data: { sha256 } }],
    }
  },
})

/** Asks for an export and waits until it can be fetched. The handle opens the report to anyone, so it is kept nowhere. */
async function exported(scanner: Scanner, id: number, signal: AbortSignal): Promise<string> {
  const handle = await scanner.requestExport(id)
  let waitedMs = 0
  for (let pauseMs = FIRST_LOOK_MS; waitedMs < WAIT_MS; pauseMs = Math.min(pauseMs * 1.5, LOOK_MAX_MS)) {
    const state = await scanner.exportState(id, handle)
    if (state === 'ready') return handle
    if (state === 'gone') throw new Error('the scanner gave up on the export, or forgot it')
    await sleep(pauseMs, undefined, { signal })
    waitedMs += pauseMs
  }
  throw new Error(`the scanner has not made the export within ${WAIT_MS / 60_000} minutes`)
}
