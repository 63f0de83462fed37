/** Turns what a function decided into what the bus settles. */
import { check } from '../base/check.ts'
import { PermanentError } from '../base/errors.ts'
import type { Delivery, Post, Settlement } from '../bus/bus.ts'
import { childEvent, type BusEvent } from '../bus/event.ts'
import type { BusKeys } from '../bus/keys.ts'
import type { Transaction } from '../bus/transaction.ts'
import { compileChange, type ScanChange } from '../scans/change.ts'
import type { ScanKeys } from '../scans/scan-keys.ts'
import type { AnyFunction } from './function.ts'
import type { AnyOutcome } from './outcome.ts'
import { replyWrites } from './reply.ts'
import { postsTo, type Routes } from './routes.ts'

const TRACE_ID = /^[0-9a-f]{32}$/

export interface SettlementKeys {
  readonly bus: BusKeys
  readonly scans: ScanKeys
  readonly routes: Routes
}

/**
 * Compiles `outcome`. Emitted data is checked against what the function declares.
 * A scan that changes and for which an event is emitted waits for that event from
 * now on (`next`): whatever else is still under way about it has become stale.
 */
export function compileOutcome(
  definition: AnyFunction,
  event: BusEvent,
  outcome: AnyOutcome,
  { bus, scans, routes }: SettlementKeys,
  now: Date,
): Settlement & { changes: readonly ScanChange[] } {
  const emissions = (outcome.emit ?? []).map((emission, position) => {
    const schema = definition.emits[emission.type]
    if (!schema) throw new PermanentError(`${definition.name} does not declare that it emits ${emission.type}`)
    const data = check(schema, emission.data, `${definition.name} emits ${emission.type}`)
    const draft = { type: emission.type, subject: emission.subject, data }
    return {
      event: childEvent(event, position, draft, {
        source: definition.name,
        now,
        trace: traceOf(draft.subject, outcome),
      }),
      afterMs: emission.afterMs ?? 0,
    }
  })
  const posts = emissions.flatMap(({ event: emitted, afterMs }) => postsTo(routes, emitted, afterMs))
  const changes = (outcome.scans ?? []).map((change) =>
    awaiting(
      change,
      emissions.map((each) => each.event),
    ),
  )
  const parts: Transaction[] = changes.map((change) => compileChange(change, scans, bus))
  if (outcome.also) parts.push(outcome.also)
  const replies = outcome.reply ? replyWrites(event, outcome.reply, bus) : []
  return {
    guards: parts.flatMap(({ guards }) => guards),
    writes: [...parts.flatMap(({ writes }) => writes), ...replies],
    grows: parts.some(({ grows }) => grows),
    posts: [...posts, ...(outcome.posts ?? [])],
    changes,
  }
}

/** The trace of the scan that an event is about, when the outcome changes that scan: admission serves scans of other calls. */
function traceOf(subject: string | null | undefined, outcome: AnyOutcome): string | undefined {
  const scan = outcome.scans?.find(({ after }) => after?.task_id === subject)?.after
  return scan && TRACE_ID.test(scan.trace_id) ? scan.trace_id : undefined
}

/** The change with `next` set to the last event emitted about its scan; an ended scan waits for none. */
function awaiting(change: ScanChange, events: readonly BusEvent[]): ScanChange {
  if (!change.after) return change
  const { next: _, trouble, ...rest } = change.after
  // A step that succeeded has got past the trouble before it; what it says itself stays.
  const after = trouble === undefined || trouble === change.before?.trouble ? rest : { ...rest, trouble }
  if (after.ended_at !== undefined) return { ...change, after }
  const own = events.findLast(({ subject }) => subject === after.task_id)
  const next = own?.id ?? change.after.next
  return { ...change, after: next === undefined ? after : { ...after, next } }
}

/** The same event again, later. */
export function retryPost(delivery: Delivery, event: BusEvent, delayMs: number, counts: boolean): Post {
  return {
    to: delivery.function,
    event,
    delayMs: Math.max(1, delayMs),
    attempt: delivery.attempt + (counts ? 1 : 0),
    firstFailureAt: delivery.firstFailureAt ?? 'now',
  }
}
