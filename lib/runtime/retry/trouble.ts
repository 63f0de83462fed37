/** Trouble with something that many scans need and none of them caused: it is waited for, and no event loses an attempt by it. */
import { diskTrouble } from '../../base/disk-trouble.ts'
import { ScannerAwayError } from '../../scanners/away-error.ts'

export interface Trouble {
  readonly with: 'scanner' | 'disk'
  /** A sentence: what is wrong, and where it can be known, what to do. */
  readonly message: string
  /** How long the other side asked to be left alone; 0 when it did not say. */
  readonly retryAfterMs: number
  /** The scanner's key, `pool/instance`, when it is a scanner. */
  readonly scanner?: string
}

/** The trouble that `error` tells of; `undefined` when it is about the event or the scan itself. */
export function troubleOf(error: unknown): Trouble | undefined {
  if (error instanceof ScannerAwayError) {
    return { with: 'scanner', message: error.message, retryAfterMs: error.retryAfterMs, scanner: error.scanner }
  }
  const disk = diskTrouble(error)
  return disk === undefined ? undefined : { with: 'disk', message: `The data directory ${disk}.`, retryAfterMs: 0 }
}
