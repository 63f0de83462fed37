import assert from 'node:assert/strict'
import { scannerKey, type Scan } from '../scans/record.ts'
import { reachScanner, ScannerLeftError, type KeptSources } from './kept-entries.ts'
import { recordedScanner } from './recorded-scanner.ts'
import type { Scanner } from './scanner.ts'

interface Sources extends KeptSources {
  /** Appends a line to the log of a scan's talk with its scanner. */
  readonly scannerLog: (taskId: string, line: string) => Promise<void>
  readonly now: Date
}

/** The scanner that has the scan; in debug mode all that is said to it is written down. Throws PermanentError when it is neither configured nor kept. */
export async function scannerOf(scan: Scan, sources: Sources): Promise<Scanner> {
  const key = scannerKey(scan)
  assert(key, `scan ${scan.task_id} has been admitted to a scanner`)
  const { scannerLog, now } = sources
  const scanner = await reachScanner(key, sources)
  if (scanner === undefined) throw new ScannerLeftError(key)
  if (!scan.debug_mode) return scanner
  const startMs = performance.now()
  const clock = () => new Date(now.getTime() + performance.now() - startMs)
  return recordedScanner(scanner, (line) => scannerLog(scan.task_id, line), clock)
}
