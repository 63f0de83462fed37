import assert from 'node:assert/strict'
import { scannerKey, type Scan } from '../scans/record.ts'
import type { ScannerRegistry } from './entry.ts'
import type { Scanner } from './scanner.ts'

/** The scanner that has the scan. Throws PermanentError when the configuration no longer knows it. */
export function scannerOf(scan: Scan, scanners: ScannerRegistry): Scanner {
  const key = scannerKey(scan)
  assert(key, `scan ${scan.task_id} has been admitted to a scanner`)
  return scanners.scanner(key)
}
