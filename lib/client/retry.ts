/** Repeats what may be repeated when the connection breaks, or the gateway at its other end is about to go. */
import { ConnectionError, ToolError } from './errors.ts'
import { pause } from './pause.ts'

export interface RetryOptions {
  /** Attempts in all. */
  readonly attemptsMax: number
  /** The pause after the first failure; it doubles with each further one. */
  readonly firstPauseMs: number
}

export const RETRY: RetryOptions = { attemptsMax: 4, firstPauseMs: 200 }

/** Whether it may be otherwise in a moment: nobody answered, or who did could do nothing now and has done nothing. */
export function passes(error: unknown): boolean {
  return error instanceof ConnectionError || (error instanceof ToolError && error.code === 'unavailable')
}

/** The result of `attempt`, tried anew after what passes; the last error is thrown. */
export async function withRetries<T>(
  attempt: () => Promise<T>,
  { attemptsMax, firstPauseMs }: RetryOptions,
  signal?: AbortSignal,
): Promise<T> {
  for (let tried = 1; ; tried++) {
    try {
      return await attempt()
    } catch (error) {
      if (!passes(error) || tried >= attemptsMax) throw error
      await pause(firstPauseMs * 2 ** (tried - 1), signal)
    }
  }
}
