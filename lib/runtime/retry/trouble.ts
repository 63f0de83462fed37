/** Trouble that is waited for, so that no event loses an attempt by it: with something that many scans need, or with a scan that its scanner keeps busy. */
import { diskTrouble } from '../../base/disk-trouble.ts'
import { ScannerAwayError } from '../../scanners/away-error.ts'

export interface Trouble {
  readonly with: 'scanner' | 'disk' | 'scan'
  /** A sentence: what is wrong, and where it can be known, what to do. */
  readonly message: string
  /** How long the other side asked to be left alone; 0 when it did not say. */
  readonly retryAfterMs: number
  /** The scanner's key, `pool/instance`, when it is a scanner to which no new scans should go. */
  readonly scanner?: string
}

/** The trouble that `error` tells of; `undefined` when it is about the event or the scan itself. */
export function troubleOf(error: unknown): Trouble | undefined {
  if (error instanceof ScannerAwayError) {
    const { message, retryAfterMs, scanner, stopsAdmission } = error
    return stopsAdmission
      ? { with: 'scanner', message, retryAfterMs, scanner }
      : { with: 'scan', message, retryAfterMs }
  }
  const disk = diskTrouble(error)
  return disk === undefined ? undefined : { with: 'disk', message: `The data directory ${disk}.`, retryAfterMs: 0 }
}
