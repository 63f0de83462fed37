/** A bound on how long a call may take, whatever the network and the library below do. */
import { ConnectionError } from './errors.ts'

export interface TimeLimit {
  readonly timeoutMs: number
  readonly signal?: AbortSignal | undefined
  /** Who was asked for what, for the message. */
  readonly url: string
  readonly what: string
}

/**
 * The result of `work`, all its attempts together. Throws ConnectionError once `timeoutMs` have passed, and the reason
 * of `signal` as soon as it aborts; `work` is told by the signal it gets.
 */
export async function withinTime<T>(
  work: (signal: AbortSignal) => Promise<T>,
  { timeoutMs, signal, url, what }: TimeLimit,
): Promise<T> {
  signal?.throwIfAborted()
  const clock = new AbortController()
  const late = new ConnectionError(url, `The gateway at ${url} did not answer ${what} within ${timeoutMs} ms.`)
  const timer = setTimeout(() => clock.abort(late), Math.max(0, timeoutMs))
  const either = signal ? AbortSignal.any([signal, clock.signal]) : clock.signal
  let giveUp = () => {}
  const over = new Promise<never>((_resolve, reject) => {
    giveUp = () => reject(either.reason as Error)
    either.addEventListener('abort', giveUp, { once: true })
  })
  try {
    return await Promise.race([work(either), over])
  } finally {
    clearTimeout(timer)
    either.removeEventListener('abort', giveUp)
  }
}
