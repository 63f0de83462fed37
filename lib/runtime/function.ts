import type * as v from 'valibot'
import type { Permit } from '../base/permit.ts'
import type { Scan } from '../scans/record.ts'
import type { AnyOutcome, Emits, Outcome } from './outcome.ts'
import type { Services } from './services.ts'

/** What a function knows beside its event's data. */
export interface Context extends Services {
  readonly event: {
    readonly id: string
    readonly type: string
    readonly time: string
    readonly subject: string | undefined
    readonly traceparent: string | undefined
  }
  /** 1 at first, one more after each failure. */
  readonly attempt: number
  /** The record of the scan the event is about, fresh at the start of this run. */
  readonly scan: Scan | undefined
  /** Redis's clock. */
  readonly now: Date
  /**
   * For something at the scanner that cannot be undone: confirm, look whether it was done already, confirm again, and do it
   * with the permit, which is asked as the request is sent. Throws unless this run still holds its event, and alone, and
   * the scan is as it was read; a changed scan has the function run again. From the first confirm on nobody else gets a
   * permit for this event, until it is settled or the lease is lost.
   */
  readonly confirm: () => Promise<Permit>
  /** Aborts when the lease is lost or the worker is told to stop: give up waiting. */
  readonly signal: AbortSignal
}

/** A context whose event is about a scan that exists. */
export interface ScanContext extends Context {
  readonly scan: Scan
}

export interface FunctionDefinition<
  I extends v.GenericSchema = v.GenericSchema,
  E extends Emits = Emits,
  C extends Context = Context,
> {
  /** Names its file and its inbox. */
  readonly name: string
  readonly consumes: readonly string[]
  /** The fields this function reads; others are ignored, so emitters may add some. */
  readonly input: I
  readonly emits: E
  /** How many run at once in one worker. */
  readonly concurrency: number
  /** Failures after which the event becomes a dead letter. */
  readonly attemptsMax: number
  /** `endless`: nothing but the death of its workers makes it give up, since giving up would leave something running for ever. */
  readonly retries?: 'endless'
  /** `scan`: its events are about a scan, and mean nothing once that scan is deleted. `call`: a tool call that someone waits for. */
  readonly kind: 'scan' | 'call' | 'upkeep'
  run(data: v.InferOutput<I>, context: C): Promise<Outcome<NoInfer<E>>>
}

const CONCURRENCY = 20
const ATTEMPTS_MAX = 8

type Optional<T, K extends keyof T> = Omit<T, K> & Partial<Pick<T, K>>

/** Declares a step in the life of a scan. */
export function scanFunction<I extends v.GenericSchema, const E extends Emits>(
  definition: Optional<Omit<FunctionDefinition<I, E, ScanContext>, 'kind'>, 'concurrency' | 'attemptsMax'>,
): FunctionDefinition<I, E, ScanContext> {
  return { concurrency: CONCURRENCY, attemptsMax: ATTEMPTS_MAX, ...definition, kind: 'scan' }
}

/** Declares a function that looks after the whole system rather than one scan. */
export function upkeepFunction<I extends v.GenericSchema, const E extends Emits>(
  definition: Optional<Omit<FunctionDefinition<I, E>, 'kind'>, 'concurrency' | 'attemptsMax'>,
): FunctionDefinition<I, E> {
  return { concurrency: 1, attemptsMax: ATTEMPTS_MAX, ...definition, kind: 'upkeep' }
}

/** A function of any kind, as the dispatcher and the registry see it. */
export type AnyFunction = Omit<FunctionDefinition, 'run'> & {
  // Each definition's own types are checked where it is declared; here only the shape matters.
  run(data: never, context: never): Promise<AnyOutcome>
}
