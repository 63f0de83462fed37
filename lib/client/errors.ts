/**
 * What can go wrong for a program that talks to a gateway. Each error says what
 * to do next: mend the connection, wait longer, look for another scan, or change
 * the call. No message holds a secret.
 */

/** The gateway cannot be reached, or the connection broke before the answer came. Trying again may help. */
export class ConnectionError extends Error {
  override readonly name = 'ConnectionError'
  readonly url: string

  constructor(url: string, message: string, options?: ErrorOptions) {
    super(message, options)
    this.url = url
  }
}

/** A scan did not end within the time its caller would wait. The scan goes on: wait again with the same `taskId`. */
export class TimeoutError extends Error {
  override readonly name = 'TimeoutError'
  readonly taskId: string
  readonly timeoutMs: number

  constructor(taskId: string, timeoutMs: number, options?: ErrorOptions) {
    super(`Scan ${taskId} did not end within ${timeoutMs} ms. It goes on: wait for it again, or stop it.`, options)
    this.taskId = taskId
    this.timeoutMs = timeoutMs
  }
}

/** The gateway refused a call. `code` is one of the contract's words, `details` is what it added as plain data. */
export class ToolError extends Error {
  override readonly name: string = 'ToolError'
  readonly tool: string
  /** `invalid_argument`, `not_found`, `not_ready`, `conflict`, `busy`, `forbidden`, `unauthenticated`, `too_large`, `unsupported_media_type`, `unavailable` or `internal`. */
  readonly code: string
  readonly details: Readonly<Record<string, unknown>>

  constructor(
    tool: string,
    refusal: { code: string; message: string; details?: Readonly<Record<string, unknown>> },
    options?: ErrorOptions,
  ) {
    super(refusal.message, options)
    this.tool = tool
    this.code = refusal.code
    this.details = refusal.details ?? {}
  }
}

/** There is no scan of this id: it was mistyped, deleted, or has expired. */
export class TaskNotFoundError extends ToolError {
  override readonly name = 'TaskNotFoundError'
  readonly taskId: string

  constructor(tool: string, taskId: string, refusal: { message: string; details?: Readonly<Record<string, unknown>> }) {
    super(tool, { ...refusal, code: 'not_found' })
    this.taskId = taskId
  }
}
