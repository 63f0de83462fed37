/**
 * Giving up: the event, whole, goes to the `dead` stream with why, and
 * `event.dead` tells whoever must act on it. In one settle, so it is never in
 * both places and never in neither.
 */
import { causeChain } from '../../base/cause-chain.ts'
import type { Delivery, Post, Settlement } from '../../bus/bus.ts'
import { childEvent, traceId } from '../../bus/event.ts'
import { letterId, type BusKeys } from '../../bus/keys.ts'
import type { Guard, Write } from '../../bus/transaction.ts'
import { consumersOf, type Routes } from '../routes.ts'

/** `event.dead` is emitted by the dispatcher, not by a function. */
export const DEAD_EVENT = 'event.dead'

export function deadLetter(
  delivery: Delivery,
  error: unknown,
  { bus, routes, now }: { bus: BusKeys; routes: Routes; now: Date },
): Settlement {
  const { event } = delivery
  const causes = causeChain(error)
  const letter = letterId(event?.id ?? delivery.entryId, delivery.function)
  const fields = {
    letter,
    function: delivery.function,
    id: event?.id ?? '',
    type: event?.type ?? '',
    task: event?.subject ?? '',
    trace: traceId(event?.traceparent) ?? '',
    attempts: String(delivery.attempt),
    deliveries: String(delivery.deliveries),
    first: String(delivery.firstFailureAt ?? now.getTime()),
    last: String(now.getTime()),
    error: JSON.stringify(causes),
    e: delivery.raw,
  }
  const writes: Write[] = [
    ['XADD', bus.dead, '*', ...Object.entries(fields).flat()],
    ['HSET', bus.openLetters, letter, delivery.function],
  ]
  const posts: Post[] = []
  if (event?.subject !== undefined) {
    const remedy = error instanceof Error && 'remedy' in error ? { remedy: String(error.remedy) } : {}
    const what = { function: delivery.function, event: event.id, attempts: delivery.attempt, error: causes[0] ?? '' }
    const data = { ...what, ...remedy }
    const told = childEvent(event, 0, { type: DEAD_EVENT, data }, { source: delivery.function, now })
    for (const to of consumersOf(routes, DEAD_EVENT)) posts.push({ to, event: told, delayMs: 0, attempt: 1 })
  }
  // The inbox may have held the event twice: its double is given up already, and one letter is what can be replayed.
  const first: Guard = { if: 'field', key: bus.openLetters, field: letter, is: '', else: 'stale' }
  return { guards: [first], writes, posts }
}
