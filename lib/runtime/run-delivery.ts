/**
 * Sees one delivery through: the layers around its function, in the order in
 * which the worker lists them, and the function within.
 *
 *   R1. A delivery ends in exactly one settle that takes effect, or its lease lapses.
 *   R2. When the scan has changed meanwhile (`stale`), nothing was written, and the function runs again on the fresh record.
 *   R3. A failure costs an attempt; a death of the worker does not, but too many deaths make the event poison.
 *   R4. A scanner that is away, or a disk that is full or read-only, costs no attempts: the event waits, as long as a scan may take.
 *   R5. Nor does waiting for the double of an event, which does what cannot be undone.
 *   R6. A tool call is never retried: someone waits, so it is answered, if only with the error.
 *
 * R2 is kept by run-function.ts, R3 to R6 by retry/decide.ts.
 */
import type { Delivery } from '../bus/bus.ts'
import { compose } from './compose.ts'
import { runFunction } from './run-function.ts'
import type { Runner, RunOutcome } from './runner.ts'

export async function runDelivery(delivery: Delivery, runner: Runner): Promise<RunOutcome> {
  return (await compose(runner.layers, runFunction)(delivery, runner)).outcome
}
