import { Refusal } from '../../base/errors.ts'
import { claimOf } from '../../scanners/claim-of.ts'
import { findOwn, type OwnScan } from '../../scanners/own-scan.ts'
import type { Scanner } from '../../scanners/scanner.ts'
import { scannerOf } from '../../scanners/scanner-of.ts'
import type { Scan } from '../../scans/record.ts'

/** A running scan of ours at its scanner, to be paused or resumed. Refuses when it is not running there, or not ours to touch. */
export async function atScanner(
  scan: Scan,
  context: Parameters<typeof scannerOf>[1],
): Promise<{ scanner: Scanner; own: OwnScan }> {
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
  const scanner = await scannerOf(scan, context)
  const found = await findOwn(scanner, claimOf(scan))
  if (found.is === 'ours') return { scanner, own: found.scan }
  const remedy = 'remedy' in found ? ` ${found.remedy}` : ''
  throw new Refusal('conflict', `Scan ${scan.task_id} cannot be paused or resumed: ${found.why}.${remedy}`, details)
}
