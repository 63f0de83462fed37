/** Repeats what may be repeated when the connection breaks. */
import { ConnectionError } from './errors.ts'
import { pause } from './pause.ts'

export interface RetryOptions {
  /** Attempts in all. */
  readonly attemptsMax: number
  /** The pause after the first failure; it doubles with each further one. */
  readonly firstPauseMs: number
}

export const RETRY: RetryOptions = { attemptsMax: 4, firstPauseMs: 200 }

/** The result of `attempt`, tried anew after a {@link ConnectionError}; the last one is thrown. */
export async function withRetries<T>(
  attempt: () => Promise<T>,
  { attemptsMax, firstPauseMs }: RetryOptions,
  signal?: AbortSignal,
): Promise<T> {
  for (let tried = 1; ; tried++) {
    try {
      return await attempt()
    } catch (error) {
      if (!(error instanceof ConnectionError) || tried >= attemptsMax) throw error
      await pause(firstPauseMs * 2 ** (tried - 1), signal)
    }
  }
}
