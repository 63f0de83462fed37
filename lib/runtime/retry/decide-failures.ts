/** The layer that ends every delivery: what is not to be run, or has failed, is answered, put off, retried or given up. */
import { causeChain } from '../../base/cause-chain.ts'
import { CallerMistake, Refusal } from '../../base/errors.ts'
import type { Delivery, Settlement, SettleResult } from '../../bus/bus.ts'
import { traceId } from '../../bus/event.ts'
import { replyWrites } from '../reply.ts'
import { ended, type Layer, type Ran, type RunOutcome, type Runner } from '../runner.ts'
import { retryPost } from '../settlement.ts'
import { deadLetter } from './dead-letter.ts'
import { decide, screen, type Decision } from './decide.ts'
import { postpone } from './postpone.ts'
import { scannerHealthWrite } from './scanner-health.ts'

/** A retry may start late, and takes a while to find out. */
const HELD_LONGER_MS = 30_000
/** Ends a delivery with nothing but that. */
const nothingMore: Settlement = { guards: [], writes: [], posts: [] }

export const decideFailures: Layer = async (delivery, next, runner) => {
  const definition = runner.functions.get(delivery.function)
  const { bus, services, backoff, random, stopping } = runner
  const refused = screen(delivery, definition, bus.now())
  if (refused || !definition) return actOn(refused!, delivery, undefined, runner)
  try {
    return await next()
  } catch (error) {
    const { scanTimeoutMs } = services.limits
    const limits = { now: bus.now(), scanTimeoutMs, backoff, random, stopping: stopping.aborted }
    return await actOn(decide(error, delivery, definition, limits), delivery, error, runner)
  }
}

async function actOn(decision: Decision, delivery: Delivery, error: unknown, runner: Runner): Promise<Ran> {
  const { bus, keys, log } = runner
  const event = delivery.event!
  const report = describe(delivery, error)
  switch (decision.do) {
    case 'leave':
      throw error
    case 'answer': {
      if (error !== undefined && !(error instanceof Refusal)) log.error('tool call failed', report)
      const writes = replyWrites(event, { refusal: decision.refusal }, keys.bus)
      return settled(await bus.settle(delivery, { ...nothingMore, writes }), 'refused')
    }
    case 'wait': {
      const { delayMs, trouble } = decision
      const { with: what, scanner } = trouble
      log.warn('waits, at no cost', { ...report, for: what, scanner, delayMs: Math.round(delayMs) })
      const writes =
        scanner === undefined ? [] : [await awayWrite(scanner, { problem: trouble.message, delayMs }, runner)]
      return ended(await postpone(delivery, event, { delayMs, trouble, writes }, runner))
    }
    case 'retry': {
      const { delayMs, counts, trouble } = decision
      log.warn('will retry', { ...report, delayMs })
      if (trouble) return ended(await postpone(delivery, event, { delayMs, trouble, counts }, runner))
      const posts = [retryPost(delivery, event, delayMs, counts)]
      return settled(await bus.settle(delivery, { ...nothingMore, posts }), 'retried')
    }
    case 'give up':
      return giveUp(delivery, decision.error, runner)
  }
}

/** Keeps new scans from a scanner that was found away, on every worker, until this event is run again and knows better. */
function awayWrite(scanner: string, { problem, delayMs }: { problem: string; delayMs: number }, runner: Runner) {
  const { bus, services } = runner
  const now = bus.now()
  const until = new Date(now.getTime() + delayMs + HELD_LONGER_MS).toISOString()
  return scannerHealthWrite(scanner, { ready: false, problem, until }, now, services)
}

async function giveUp(delivery: Delivery, error: unknown, { bus, keys, functions, log }: Runner): Promise<Ran> {
  const mortal = functions.get(delivery.function)
  if (error instanceof CallerMistake) log.warn('cannot be done as it was asked for', describe(delivery, error))
  else log.error('gave up; see the dead letters', describe(delivery, error))
  let result: SettleResult = 'stale'
  for (const settlement of deadLetter(delivery, error, { ...keys, now: bus.now(), mortal })) {
    result = await bus.settle(delivery, settlement)
    if (result !== 'stale') break
  }
  return settled(result, 'dead')
}

function settled(result: SettleResult, outcome: RunOutcome): Ran {
  return ended(result === 'settled' ? outcome : 'fenced')
}

function describe({ function: name, attempt, event }: Delivery, error: unknown): object {
  return {
    function: name,
    attempt,
    event: event?.type,
    id: event?.id,
    task_id: event?.subject,
    trace: traceId(event?.traceparent),
    error: causeChain(error),
  }
}
