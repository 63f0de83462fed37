/** What becomes of a delivery that is not to be run, or whose run has failed: pure, and tested as a table. */
import { causeChain } from '../../base/cause-chain.ts'
import { PermanentError, Refusal } from '../../base/errors.ts'
import { backoffMs, type BackoffBounds } from '../../bus/backoff.ts'
import type { Delivery } from '../../bus/bus.ts'
import { UnreadableRecord } from '../../scans/read-record.ts'
import { SeenToElsewhere } from '../delivery-context.ts'
import type { AnyFunction } from '../function.ts'
import { troubleOf, type Trouble } from './trouble.ts'
import { patientDelayMs } from './wait-delay.ts'

/**
 * A record that cannot be read is tried so often, whatever its function allows: a worker of another version may know it, or
 * somebody mends it; but nothing waits for that for ever.
 */
const UNREADABLE_ATTEMPTS_MAX = 8

/** An event whose worker has died so often while it ran is taken to be the cause. */
export const DELIVERIES_MAX = 4

export type Decision =
  /** Someone waits for an answer. */
  | { readonly do: 'answer'; readonly refusal: Refusal }
  /** The same event later, at no cost, with the trouble told in the scan's record. */
  | { readonly do: 'wait'; readonly delayMs: number; readonly trouble: Trouble }
  /** The same event later; one attempt more, and told in the scan's record, when there is something to tell. */
  | { readonly do: 'retry'; readonly delayMs: number; readonly counts: boolean; readonly trouble?: Trouble }
  /** A dead letter. */
  | { readonly do: 'give up'; readonly error: unknown }
  /** Nothing: the lease lapses, or is handed over, and another worker takes the event. */
  | { readonly do: 'leave' }

export interface DecisionLimits {
  /** Redis's clock. */
  readonly now: Date
  /** As long as a scan may take, an event may wait. */
  readonly scanTimeoutMs: number
  readonly backoff: BackoffBounds
  readonly random: () => number
  /** The worker is being told to stop. */
  readonly stopping: boolean
}

type Definition = Pick<AnyFunction, 'name' | 'kind' | 'attemptsMax' | 'retries'>

/** Whether a delivery is to be run at all; `undefined` when it is. */
export function screen(delivery: Delivery, definition: Definition | undefined, now: Date): Decision | undefined {
  const { event, deliveries } = delivery
  if (!definition || !event) {
    const message = `expected an event for ${delivery.function}, got what cannot be read`
    return { do: 'give up', error: new PermanentError(message) }
  }
  if (definition.kind === 'call' && deliveries > 1) {
    return unavailable('The worker that had this call died. Nothing was done: call again.')
  }
  if (event.expirytime !== undefined && now > new Date(event.expirytime)) {
    // Its caller was told that nobody knows what became of the call: now it is known, nothing.
    return unavailable('The call came too late. Nothing was done: call again.')
  }
  if (deliveries > DELIVERIES_MAX) {
    return { do: 'give up', error: new Error(`the worker died ${deliveries - 1} times while it ran`) }
  }
  return undefined
}

/** What becomes of a delivery whose run threw `error`. */
export function decide(
  error: unknown,
  delivery: Pick<Delivery, 'attempt' | 'firstFailureAt'>,
  definition: Definition,
  limits: DecisionLimits,
): Decision {
  if (definition.kind === 'call') return { do: 'answer', refusal: asRefusal(error) }
  // A worker that is told to stop hands over what it could not finish: that counts as no failure.
  if (limits.stopping) return { do: 'leave' }
  const trouble = troubleOf(error)
  if (trouble) {
    const { now, random } = limits
    const limitMs = definition.retries === 'endless' ? Number.POSITIVE_INFINITY : limits.scanTimeoutMs
    const waitMs = patientDelayMs(delivery, { now, limitMs, random })
    if (waitMs !== undefined) return { do: 'wait', delayMs: Math.max(trouble.retryAfterMs, waitMs), trouble }
  }
  const delayMs = backoffMs(delivery.attempt, limits.backoff, limits.random)
  if (error instanceof SeenToElsewhere) return { do: 'retry', delayMs, counts: false }
  const isUnreadable = error instanceof UnreadableRecord
  const attemptsMax = isUnreadable ? UNREADABLE_ATTEMPTS_MAX : definition.attemptsMax
  const lasts = error instanceof PermanentError || delivery.attempt >= attemptsMax
  if (lasts && (isUnreadable || definition.retries !== 'endless')) return { do: 'give up', error }
  const [cause = 'unknown error'] = causeChain(error)
  const told = { with: 'scan' as const, message: `${definition.name} has failed and is tried again: ${cause}` }
  return {
    do: 'retry',
    delayMs: Math.max(delayMs, retryAfterMs(error)),
    counts: true,
    trouble: { ...told, retryAfterMs: 0 },
  }
}

function unavailable(message: string): Decision {
  return { do: 'answer', refusal: new Refusal('unavailable', message) }
}

function asRefusal(error: unknown): Refusal {
  if (error instanceof Refusal) return error
  const [message = 'unknown error', ...causes] = causeChain(error)
  if (error instanceof PermanentError) return new Refusal('invalid_argument', message)
  const trouble = troubleOf(error)
  if (trouble?.with === 'scanner') return new Refusal('unavailable', `${message}. Try again later.`)
  if (trouble) return new Refusal('unavailable', `${trouble.message} Nothing was changed; try again once that is done.`)
  const remedy = "Nothing was changed; try again, and see the worker's log if it persists."
  return new Refusal('internal', `${message}. ${remedy}`, { causes })
}

/** How long the other side asked us to wait, when it said so. */
function retryAfterMs(error: unknown): number {
  const value = error instanceof Error && 'retryAfterMs' in error ? Number(error.retryAfterMs) : 0
  return Number.isFinite(value) ? value : 0
}
