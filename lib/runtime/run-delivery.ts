/**
 * Sees one delivery through: run its function, settle what it decided; or have
 * it tried again, or give up on it.
 *
 *   R1. A delivery ends in exactly one settle that takes effect, or its lease lapses.
 *   R2. When the scan has changed meanwhile (`stale`), nothing was written, and the function runs again on the fresh record.
 *   R3. A failure costs an attempt; a death of the worker does not, but too many deaths make the event poison.
 *   R4. A scanner that is away, or a disk that is full or read-only, costs no attempts: the event waits, as long as a scan may take.
 *   R5. Nor does waiting for the double of an event, which does what cannot be undone.
 *   R6. A tool call is never retried: someone waits, so it is answered, if only with the error.
 */
import { causeChain } from '../base/cause-chain.ts'
import { check } from '../base/check.ts'
import { diskTrouble } from '../base/disk-trouble.ts'
import { PermanentError, Refusal } from '../base/errors.ts'
import type { Log } from '../base/log.ts'
import { backoffMs, type BackoffBounds } from '../bus/backoff.ts'
import type { Bus, Delivery, Settlement, SettleResult } from '../bus/bus.ts'
import { traceId, type BusEvent } from '../bus/event.ts'
import { ScannerAwayError } from '../scanners/away-error.ts'
import type { ScanChange } from '../scans/change.ts'
import { parseScan } from '../scans/record.ts'
import { deadLetter } from './retry/dead-letter.ts'
import type { AnyFunction, Context } from './function.ts'
import { nothing, type AnyOutcome } from './outcome.ts'
import { patientDelayMs } from './retry/wait-delay.ts'
import { putOff } from './retry/postpone.ts'
import { replyWrites } from './reply.ts'
import type { Services } from './services.ts'
import { compileOutcome, retryPost, type SettlementKeys } from './settlement.ts'
import { scannerIsBack, waitForScanner } from './retry/wait-for-scanner.ts'

/** An event whose worker dies so often in its lap is taken to be the cause. */
export const DELIVERIES_MAX = 4
/** A function that finds its scan changed so often in a row gives way and is retried. */
const STALE_MAX = 20

export type RunOutcome = 'settled' | 'fenced' | 'retried' | 'refused' | 'dead'

export interface Runner {
  readonly bus: Bus
  readonly services: Services
  readonly keys: SettlementKeys
  readonly functions: ReadonlyMap<string, AnyFunction>
  readonly backoff: BackoffBounds
  readonly random: () => number
  /** Aborts when the worker is told to stop. */
  readonly stopping: AbortSignal
  /** Deals with a delivery in place of its function; `false` leaves it to the function. */
  readonly intercept: (delivery: Delivery) => Promise<boolean>
  /** Hears of every change of a scan that took effect. */
  readonly onChange: (change: ScanChange) => Promise<void>
  readonly onRun: (run: { function: string; outcome: RunOutcome; seconds: number }) => void
  readonly log: Log
}

export async function runDelivery(delivery: Delivery, runner: Runner): Promise<RunOutcome> {
  const startMs = performance.now()
  const outcome = await attempt(delivery, runner)
  runner.onRun({ function: delivery.function, outcome, seconds: (performance.now() - startMs) / 1000 })
  return outcome
}

async function attempt(delivery: Delivery, runner: Runner): Promise<RunOutcome> {
  const definition = runner.functions.get(delivery.function)
  const { event } = delivery
  if (!definition || !event) {
    return bury(
      delivery,
      new PermanentError(`expected an event for ${delivery.function}, got what cannot be read`),
      runner,
    )
  }
  if (definition.kind === 'call' && delivery.deliveries > 1) {
    const refusal = new Refusal('unavailable', 'The worker that had this call died. Nothing was done: call again.')
    return refuse(delivery, event, refusal, runner)
  }
  if (event.expirytime !== undefined && runner.bus.now() > new Date(event.expirytime)) {
    // Its caller was told that nobody knows what became of the call: now it is known, nothing.
    return refuse(
      delivery,
      event,
      new Refusal('unavailable', 'The call came too late. Nothing was done: call again.'),
      runner,
    )
  }
  if (delivery.deliveries > DELIVERIES_MAX) {
    return bury(delivery, new Error(`the worker died ${delivery.deliveries - 1} times while it ran`), runner)
  }
  try {
    if (await runner.intercept(delivery)) return 'settled'
    return await runAndSettle(definition, delivery, event, runner)
  } catch (error) {
    return failed(definition, delivery, event, error, runner)
  }
}

async function runAndSettle(
  definition: AnyFunction,
  delivery: Delivery,
  event: BusEvent,
  runner: Runner,
): Promise<RunOutcome> {
  const data = check(definition.input, event.data, `${definition.name} reads ${event.type}`)
  for (let tries = 1; tries <= STALE_MAX; tries++) {
    // The record that came with the event is as fresh as the event; after a change it must be read again.
    const context = await contextFor(delivery, event, runner, tries === 1 ? delivery.record : undefined)
    // A scan that was deleted needs no more steps.
    const gone = definition.kind === 'scan' && context.scan === undefined
    const outcome: AnyOutcome | undefined = gone ? nothing : await runUnlessOvertaken(definition, data, context)
    if (outcome === undefined) continue
    const settlement = compileOutcome(definition, event, outcome, runner.keys, runner.bus.now())
    const result = await runner.bus.settle(delivery, settlement).catch(async (error: unknown) => {
      // Refused as a whole, such as for want of memory: nothing of it will come to pass.
      if (error instanceof Refusal) await outcome.undo?.()
      throw error
    })
    if (result === 'illegal') throw new PermanentError(illegal(definition, settlement.changes))
    if (result === 'fenced' || result === 'stale') await outcome.undo?.()
    if (result === 'stale') continue
    if (result === 'settled') {
      for (const change of settlement.changes) await runner.onChange(change)
      if (context.scan?.trouble) await scannerIsBack(context.scan, { ...runner, routes: runner.keys.routes })
    }
    return result
  }
  throw new Error(`${definition.name} found its scan changed ${STALE_MAX} times in a row`)
}

/** What the function decided; `undefined` when its scan changed before it could do what cannot be undone. */
async function runUnlessOvertaken(
  definition: AnyFunction,
  data: unknown,
  context: Context,
): Promise<AnyOutcome | undefined> {
  try {
    return await definition.run(data as never, context as never)
  } catch (error) {
    if (error instanceof Overtaken) return undefined
    // Stopped or deleted under its hands, it may have failed for that: nobody should be asked to replay it.
    if (error instanceof PermanentError && (await hasChanged(context))) return undefined
    throw error
  }
}

async function hasChanged({ scan, scans }: Context): Promise<boolean> {
  return scan !== undefined && (await scans.get(scan.task_id))?.revision !== scan.revision
}

/** Another run acts for this event. */
class SeenToElsewhere extends Error {}

/** The scan is no longer what the function read. */
class Overtaken extends Error {}

async function contextFor(
  delivery: Delivery,
  event: BusEvent,
  runner: Runner,
  record: Delivery['record'],
): Promise<Context> {
  const { services, bus, stopping } = runner
  const read = () => (event.subject === undefined ? undefined : services.scans.get(event.subject))
  const scan = record ? parseScan(record) : await read()
  let signal: AbortSignal | undefined
  return {
    ...services,
    event: {
      id: event.id,
      type: event.type,
      time: event.time,
      subject: event.subject,
      traceparent: event.traceparent,
    },
    attempt: delivery.attempt,
    scan,
    now: bus.now(),
    confirm: async () => {
      const permit = await bus.renew(delivery)
      if (!permit) throw new SeenToElsewhere('another worker has taken this event over, or sees to its double')
      const current = scan && (await services.scans.get(scan.task_id))
      if (current?.revision !== scan?.revision) throw new Overtaken('the scan has changed meanwhile')
      return permit
    },
    // Made when asked for: joining signals costs as much as settling.
    get signal() {
      return (signal ??= AbortSignal.any([delivery.signal, stopping]))
    },
  }
}

/** A failed run: answered when someone waits, given up when trying again cannot help, else tried again later. */
async function failed(
  definition: AnyFunction,
  delivery: Delivery,
  event: BusEvent,
  error: unknown,
  runner: Runner,
): Promise<RunOutcome> {
  const report = describe(delivery, event, error)
  if (definition.kind === 'call') {
    if (!(error instanceof Refusal)) runner.log.error('tool call failed', report)
    return refuse(delivery, event, asRefusal(error), runner)
  }
  // A worker that is told to stop hands over what it could not finish: that is nobody's failure.
  if (runner.stopping.aborted) throw error
  if (error instanceof ScannerAwayError) {
    const waiting = await waitForScanner(delivery, event, error, runner)
    if (waiting) return waiting
  }
  if (error instanceof SeenToElsewhere) {
    const delayMs = backoffMs(delivery.attempt, runner.backoff, runner.random)
    return retry(delivery, event, { delayMs, counts: false, report }, runner)
  }
  const { bus, services, random } = runner
  const disk = diskTrouble(error)
  const patience = { now: bus.now(), limitMs: services.limits.scanTimeoutMs, random }
  const waitMs = disk === undefined ? undefined : patientDelayMs(delivery, patience)
  if (waitMs !== undefined) {
    runner.log.warn('will retry', { ...report, delayMs: waitMs })
    const trouble = { with: 'disk' as const, message: `The data directory ${disk}.` }
    return putOff(delivery, event, { delayMs: waitMs, trouble }, runner)
  }
  if (error instanceof PermanentError || delivery.attempt >= definition.attemptsMax) {
    return bury(delivery, error, runner)
  }
  const delayMs = Math.max(backoffMs(delivery.attempt, runner.backoff, runner.random), retryAfterMs(error))
  return retry(delivery, event, { delayMs, counts: true, report }, runner)
}

async function retry(
  delivery: Delivery,
  event: BusEvent,
  { delayMs, counts, report }: { delayMs: number; counts: boolean; report: object },
  { bus, log }: Runner,
): Promise<RunOutcome> {
  log.warn('will retry', { ...report, delayMs })
  const posts = [retryPost(delivery, event, delayMs, counts)]
  return settled(await bus.settle(delivery, { guards: [], writes: [], posts }), 'retried')
}

/** Ends a delivery with nothing but that. */
const nothingMore: Settlement = { guards: [], writes: [], posts: [] }

async function bury(delivery: Delivery, error: unknown, runner: Runner): Promise<RunOutcome> {
  const { bus, keys, log } = runner
  const settlement = deadLetter(delivery, error, { bus: keys.bus, routes: keys.routes, now: bus.now() })
  log.error('gave up; see the dead letters', describe(delivery, delivery.event, error))
  const result = await bus.settle(delivery, settlement)
  return settled(result === 'stale' ? await bus.settle(delivery, nothingMore) : result, 'dead')
}

async function refuse(delivery: Delivery, event: BusEvent, refusal: Refusal, runner: Runner): Promise<RunOutcome> {
  const writes = replyWrites(event, { refusal }, runner.keys.bus)
  const settlement: Settlement = { guards: [], writes, posts: [] }
  return settled(await runner.bus.settle(delivery, settlement), 'refused')
}

function settled(result: SettleResult, outcome: RunOutcome): RunOutcome {
  return result === 'settled' ? outcome : 'fenced'
}

function asRefusal(error: unknown): Refusal {
  if (error instanceof Refusal) return error
  const [message = 'unknown error', ...causes] = causeChain(error)
  if (error instanceof PermanentError) return new Refusal('invalid_argument', message)
  if (error instanceof ScannerAwayError) return new Refusal('unavailable', `${message}. Try again later.`)
  return new Refusal(
    'internal',
    `${message}. Nothing was changed; try again, and see the worker's log if it persists.`,
    {
      causes,
    },
  )
}

/** How long the other side asked us to wait, when it said so. */
function retryAfterMs(error: unknown): number {
  const value = error instanceof Error && 'retryAfterMs' in error ? Number(error.retryAfterMs) : 0
  return Number.isFinite(value) ? value : 0
}

function illegal(definition: AnyFunction, changes: readonly ScanChange[]): string {
  const moves = changes.map(({ before, after }) => `${before?.status ?? 'new'} → ${after?.status ?? 'deleted'}`)
  return `${definition.name} asked for a change of state that is not allowed (${moves.join(', ')}); this is a bug`
}

function describe(delivery: Delivery, event: BusEvent | undefined, error: unknown): object {
  return {
    function: delivery.function,
    attempt: delivery.attempt,
    event: event?.type,
    id: event?.id,
    task: event?.subject,
    trace: traceId(event?.traceparent),
    error: causeChain(error),
  }
}
