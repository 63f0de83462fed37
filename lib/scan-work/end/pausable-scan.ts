import { Refusal } from '../../base/errors.ts'
import type { Scanner } from '../../scanners/scanner.ts'
import { scannerOf } from '../../scanners/scanner-of.ts'
import type { Scan } from '../../scans/record.ts'

/** Where a running scan of ours is at its scanner. Refuses when it is not running there, or not ours to touch. */
export function atScanner(scan: Scan, context: Parameters<typeof scannerOf>[1]): { scanner: Scanner; id: number } {
  const details = { task_id: scan.task_id, status: scan.status, step: scan.step }
  if (scan.origin !== 'created') {
    throw new Refusal(
      'forbidden',
      `Scan ${scan.task_id} was ${scan.origin}: people made it, and it is only read here.`,
      details,
    )
  }
  if (scan.status !== 'running' || scan.step !== 'scanning' || scan.scanner_scan_id === undefined) {
    const message = `Scan ${scan.task_id} is ${scan.status} (${scan.step}); only one that is scanning can be paused or resumed.`
    throw new Refusal('conflict', message, details)
  }
  return { scanner: scannerOf(scan, context), id: scan.scanner_scan_id }
}
