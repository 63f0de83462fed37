/**
 * How much of what takes room in this process one caller may have at a time, and all of
 * them together. A caller who may have no more is told so at once, and when to try again.
 */
import { Refusal } from '../base/errors.ts'

const RETRY_AFTER_SECONDS = 5

export interface QuotaOptions {
  /** What takes the places, for the refusal: `uploads`. */
  readonly what: string
  readonly perCaller: number
  readonly inAll: number
  readonly retryAfterSeconds?: number
}

export interface CallerQuota {
  /** Takes `amount` places (one, when left out) for a caller (callers without a name have only the limit in all) and returns what gives them back, once. Throws a Refusal `busy` when there is no room. */
  take(caller: string | undefined, amount?: number): () => void
  readonly taken: number
}

export function makeCallerQuota(options: QuotaOptions): CallerQuota {
  const { what, perCaller, inAll, retryAfterSeconds = RETRY_AFTER_SECONDS } = options
  const byCaller = new Map<string, number>()
  let taken = 0
  const change = (caller: string, amount: number) => {
    taken += amount
    const own = (byCaller.get(caller) ?? 0) + amount
    if (own > 0) byCaller.set(caller, own)
    else byCaller.delete(caller)
  }
  const refuse = (who: string, limit: number): never => {
    throw new Refusal(
      'busy',
      `${what}: ${who} at most ${limit} at a time, and they are taken. Nothing was done: try again in ${retryAfterSeconds} s.`,
      { retry_after_seconds: retryAfterSeconds },
    )
  }
  return {
    get taken() {
      return taken
    },
    take(name, amount = 1) {
      // What is larger than a caller's share alone goes when nothing else of theirs is under way.
      const caller = name ?? ''
      const own = byCaller.get(caller) ?? 0
      if (name !== undefined && own > 0 && own + amount > perCaller) refuse('each caller has', perCaller)
      if (taken > 0 && taken + amount > inAll) refuse('this gateway has', inAll)
      change(caller, amount)
      let given = false
      return () => {
        if (given) return
        given = true
        change(caller, -amount)
      }
    },
  }
}
