/** Thrown when a scanner asks to be left alone for a while (429, 503): temporary, and it says how long to wait. */
export class ScannerBusyError extends Error {
  override readonly name = 'ScannerBusyError'
  readonly retryAfterMs: number

  constructor(message: string, { retryAfterMs }: { retryAfterMs: number }) {
    super(message)
    this.retryAfterMs = retryAfterMs
  }
}
