/** The innermost of a delivery: runs its function on the fresh record, and settles what it decided. */
import { check } from '../base/check.ts'
import { PermanentError, Refusal } from '../base/errors.ts'
import type { Delivery } from '../bus/bus.ts'
import type { ScanChange } from '../scans/change.ts'
import { contextFor, Overtaken } from './delivery-context.ts'
import type { AnyFunction, Context } from './function.ts'
import { nothing, type AnyOutcome } from './outcome.ts'
import type { Ran, Runner } from './runner.ts'
import { compileOutcome } from './settlement.ts'

/** A function that finds its scan changed so often in a row fails, and is retried. */
const STALE_MAX = 20

/** Throws what the function throws; an event that cannot be read never comes here (retry/decide.ts). */
export async function runFunction(delivery: Delivery, runner: Runner): Promise<Ran> {
  const definition = runner.functions.get(delivery.function)!
  const event = delivery.event!
  const data = check(definition.input, event.data, `${definition.name} reads ${event.type}`)
  for (let tries = 1; tries <= STALE_MAX; tries++) {
    // The record that came with the event is as fresh as the event; after a change it must be read again.
    const record = tries === 1 ? delivery.record : undefined
    const context = await contextFor(delivery, event, { ...runner, kind: definition.kind }, record)
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
    return { outcome: result, changes: result === 'settled' ? settlement.changes : [], scan: context.scan }
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
    // A scan that was stopped or deleted while it ran may have failed for that: nobody should be asked to replay it.
    if (error instanceof PermanentError && (await hasChanged(context))) return undefined
    throw error
  }
}

async function hasChanged({ scan, scans }: Context): Promise<boolean> {
  return scan !== undefined && (await scans.get(scan.task_id))?.revision !== scan.revision
}

function illegal(definition: AnyFunction, changes: readonly ScanChange[]): string {
  const moves = changes.map(({ before, after }) => `${before?.status ?? 'new'} → ${after?.status ?? 'deleted'}`)
  return `${definition.name} asked for a change of state that is not allowed (${moves.join(', ')}); this is a bug`
}
