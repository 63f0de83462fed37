/**
 * What a function decided. Nothing of it reaches anyone until it settles: then
 * all of it does, in one atomic step.
 */
import * as v from 'valibot'
import type { Refusal } from '../base/errors.ts'
import type { Post } from '../bus/bus.ts'
import type { Transaction } from '../bus/transaction.ts'
import type { ScanChange } from '../scans/change.ts'

/** The events a function may emit: type to schema of its data. */
export type Emits = Readonly<Record<string, v.GenericSchema>>

/** The schema of an event's data, and what the event says, for people: one of its emitters says it, docs/events.md shows it. */
export function says<const D extends v.ObjectEntries = Record<never, never>>(meaning: string, data?: D) {
  return v.pipe(v.object((data ?? {}) as D), v.description(meaning))
}

/** One event to emit, of any type. */
export interface AnyEmission {
  readonly type: string
  readonly data: unknown
  /** About the same scan as the event that is being run, unless this says otherwise; `null` is about none. */
  readonly subject?: string | null
  /** Due this long after the settle. */
  readonly afterMs?: number
}

/** One of the events that a function declares. */
export type Emission<E extends Emits> = {
  [T in keyof E & string]: AnyEmission & { readonly type: T; readonly data: v.InferInput<E[T]> }
}[keyof E & string]

/** A tool's answer: a structured result, or a text such as JSON-NL; or why there is none. */
export type Reply =
  | { readonly result: Readonly<Record<string, unknown>> }
  | { readonly text: string; readonly contentType: string }
  | { readonly refusal: Refusal }

/** An outcome as the dispatcher sees it; {@link Outcome} says which events there may be. */
export interface AnyOutcome {
  readonly scans?: readonly ScanChange[]
  readonly emit?: readonly AnyEmission[]
  /** Events put back as they were, ids and all: what replay does. */
  readonly posts?: readonly Post[]
  readonly reply?: Reply
  /** Called when the settle was fenced or the scan had changed: takes back what no record names any more. May find that it did settle. */
  readonly undo?: () => Promise<void>
  /** Further guards and writes of the same atomic step, such as an idempotency key. */
  readonly also?: Transaction
}

export interface Outcome<E extends Emits> extends AnyOutcome {
  readonly emit?: readonly Emission<E>[]
}

/** The outcome of an event that has become stale, or about which there is nothing to do. */
export const nothing = {} satisfies AnyOutcome
