/**
 * Thrown when trying again cannot help: malformed input, a missing record, a
 * refusal by policy. A scan's event is dead-lettered at once. Every other error
 * is presumed temporary and is retried.
 */
export class PermanentError extends Error {
  override readonly name: string = 'PermanentError'
}

/**
 * Thrown when a scan cannot be as its caller asked for it, and only the caller can
 * mend that: a template that the scanner does not have. It ends the scan at once;
 * nothing is kept to be replayed, since replaying would end the same way.
 */
export class CallerMistake extends PermanentError {
  override readonly name = 'CallerMistake'
  /** A sentence for the caller: what to do. */
  readonly remedy: string

  constructor(message: string, remedy: string) {
    super(message)
    this.remedy = remedy
  }
}

/** Why a call was refused, in the words and HTTP status that a caller can act on. */
export const REFUSALS = {
  invalid_argument: 400,
  unauthenticated: 401,
  forbidden: 403,
  not_found: 404,
  not_ready: 409,
  conflict: 409,
  too_large: 413,
  unsupported_media_type: 415,
  misdirected: 421,
  busy: 429,
  internal: 500,
  unavailable: 503,
} as const
export type RefusalCode = keyof typeof REFUSALS

/** Thrown by a tool to answer its caller with an error: the code, a sentence with the remedy, and details as plain data. */
export class Refusal extends PermanentError {
  override readonly name = 'Refusal'
  readonly code: RefusalCode
  readonly details: Readonly<Record<string, unknown>>

  constructor(code: RefusalCode, message: string, details: Readonly<Record<string, unknown>> = {}) {
    super(message)
    this.code = code
    this.details = details
  }
}
