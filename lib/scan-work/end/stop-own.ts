import { findOwn, type ScanClaim } from '../../scanners/own-scan.ts'
import type { Scanner } from '../../scanners/scanner.ts'
import { isUnderWay } from './remove-own.ts'

/** Stops the run of a scan of ours if it is under way; a person's run, and what is not ours, goes on. */
export async function stopOwn(scanner: Scanner, claim: ScanClaim): Promise<void> {
  const found = await findOwn(scanner, claim)
  if (found.is === 'ours' && isUnderWay(found)) await scanner.stop(found.scan)
}
