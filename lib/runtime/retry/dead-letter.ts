/**
 * Giving up: the event, whole, goes to the `dead` stream with why, and
 * `event.dead` tells whoever must act on it. In one settle, so it is never in
 * both places and never in neither.
 *
 *   D1. Only the death of a scan's step is told: what dies of anything else has a letter, and ends no scan.
 *       Of a letter that is there already, too: a scan that was replayed from an earlier step may come to die of the same event.
 *   D2. Whoever hears of deaths tells of none: it would be told of the death of its own event.
 *   D3. A caller's mistake has no letter: replaying it would end the same way. Its scan is told all the same.
 *   D4. There are at most LETTERS_PER_CAUSE_MAX open letters of one cause; further ones are counted, and not kept.
 */
import { createHash } from 'node:crypto'
import { causeChain } from '../../base/cause-chain.ts'
import { CallerMistake } from '../../base/errors.ts'
import type { Delivery, Post, Settlement } from '../../bus/bus.ts'
import { childEvent, traceId } from '../../bus/event.ts'
import { letterId, type BusKeys } from '../../bus/keys.ts'
import type { Guard, Write } from '../../bus/transaction.ts'
import type { AnyFunction } from '../function.ts'
import { postsTo, type Routes } from '../routes.ts'

/** `event.dead` is emitted by the dispatcher, not by a function. */
export const DEAD_EVENT = 'event.dead'

/** Enough to see what it is; each can be replayed, and one that is made ever anew need not be. */
export const LETTERS_PER_CAUSE_MAX = 10
/** As long as letters are kept by default. */
const BEYOND_KEPT_MS = 30 * 86_400_000
const CAUSE_HEX = 16

export type Mortal = Pick<AnyFunction, 'kind' | 'consumes'>

/** What to settle, in this order, until one of them is not `stale`: a letter; nothing, where its double has one; a count. */
export function deadLetter(
  delivery: Delivery,
  error: unknown,
  { bus, routes, now, mortal }: { bus: BusKeys; routes: Routes; now: Date; mortal: Mortal | undefined },
): Settlement[] {
  const { event } = delivery
  const posts = mortal && event?.subject !== undefined ? told(delivery, error, { mortal, routes, now }) : []
  if (error instanceof CallerMistake && posts.length > 0) return [{ guards: [], writes: [], posts }]
  const causes = causeChain(error)
  const letter = letterId(event?.id ?? delivery.entryId, delivery.function)
  const cause = causeOf(delivery, causes[0] ?? '')
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
    cause,
    e: delivery.raw,
  }
  const writes: Write[] = [
    ['XADD', bus.dead, '*', ...Object.entries(fields).flat()],
    ['HSET', bus.openLetters, letter, delivery.function],
    ['SADD', bus.lettersOf(cause), letter],
  ]
  // The inbox may have held the event twice: its double is given up already, and one letter is what can be replayed.
  const isFirst: Guard = { if: 'field', key: bus.openLetters, field: letter, is: '', else: 'stale' }
  const isDouble: Guard = { ...isFirst, is: delivery.function }
  const hasRoom: Guard = { if: 'room', key: bus.lettersOf(cause), below: LETTERS_PER_CAUSE_MAX, else: 'stale' }
  const count: Write[] = [
    ['HINCRBY', bus.lettersBeyond(cause), 'count', '1'],
    ['PEXPIRE', bus.lettersBeyond(cause), String(BEYOND_KEPT_MS)],
  ]
  return [
    { guards: [isFirst, hasRoom], writes, posts },
    { guards: [isDouble], writes: [], posts },
    { guards: [], writes: count, posts },
  ]
}

/** What tells of the death of a scan's step. */
function told(
  delivery: Delivery,
  error: unknown,
  { mortal, routes, now }: { mortal: Mortal; routes: Routes; now: Date },
): Post[] {
  const { event } = delivery
  if (!event || mortal.kind !== 'scan' || mortal.consumes.includes(DEAD_EVENT)) return []
  const remedy = error instanceof Error && 'remedy' in error ? { remedy: String(error.remedy) } : {}
  const otherwise = error instanceof Error && 'otherwise' in error ? { otherwise: String(error.otherwise) } : {}
  const letter = error instanceof CallerMistake ? { letter: false } : {}
  const what = { function: delivery.function, event: event.id, attempts: delivery.attempt }
  const data = { ...what, error: causeChain(error)[0] ?? '', ...remedy, ...otherwise, ...letter }
  const dead = childEvent(event, 0, { type: DEAD_EVENT, data }, { source: delivery.function, now })
  return postsTo(routes, dead)
}

/**
 * What is one cause: the same function, giving up the same thing for the same reason. The same scan; or, of an event that is
 * about none, the same data: the letters of two deleted scans are two causes, as each of them has work left to do.
 */
function causeOf({ function: name, event, raw }: Delivery, error: string): string {
  const about = event?.subject ?? JSON.stringify(event?.data ?? raw)
  return createHash('sha256')
    .update([name, event?.type ?? '', about, error.replace(/\d+/g, 'N')].join('\n'))
    .digest('hex')
    .slice(0, CAUSE_HEX)
}
