import { setTimeout as sleep } from 'node:timers/promises'

/** Resolves after `ms`; throws the reason of `signal` as soon as it aborts. */
export async function pause(ms: number, signal: AbortSignal | undefined): Promise<void> {
  try {
    await sleep(ms, undefined, signal ? { signal } : {})
  } catch (error) {
    signal?.throwIfAborted()
    throw error
  }
}
