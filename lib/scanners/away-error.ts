/**
 * Thrown when a scanner cannot be talked to just now: refused, unreachable,
 * dropped, restarting, busy, or answering with what says something about us or
 * the way. Nothing is wrong with the scan, so the answer is to wait for the
 * scanner, not to use up attempts.
 */
export class ScannerAwayError extends Error {
  override readonly name: string = 'ScannerAwayError'
  /** `pool/instance`. */
  readonly scanner: string
  /** How long the scanner asked to be left alone; 0 when it did not say. */
  readonly retryAfterMs: number
  /** Whether it keeps new scans from the scanner: not where only this scan meets it. */
  readonly stopsAdmission: boolean = true

  constructor(message: string, options: { scanner: string; retryAfterMs?: number; cause?: unknown }) {
    super(message, { cause: options.cause })
    this.scanner = options.scanner
    this.retryAfterMs = options.retryAfterMs ?? 0
  }
}

/** The scanner answered 429 or 503. */
export class ScannerBusyError extends ScannerAwayError {
  override readonly name = 'ScannerBusyError'
}

/** The connection broke before an answer: whether the scanner did what was asked is not known. */
export class ConnectionLostError extends ScannerAwayError {
  override readonly name = 'ConnectionLostError'
}

/** The scanner was talked to, and what was asked of this one scan does not go yet: other scans may well. */
export class ScanBusyError extends ScannerAwayError {
  override readonly name = 'ScanBusyError'
  override readonly stopsAdmission = false
}
