/**
 * The turns of requests whose bodies take a processor for milliseconds: of one
 * caller's a few at a time are read, and while others call one after another.
 */
import { setTimeout as sleep } from 'node:timers/promises'
import { makeTurns } from '../turns.ts'

const LARGE_BYTES = 16_384
const AT_ONCE = 16
/** While others call. */
const SHARED_AT_ONCE = 1
/** What takes longer waits for something else than a processor. */
const HELD_MS = 500

/** Resolves when a request of so many bytes may be read; throws a Refusal `busy`. Its turn ends with `answered`, or soon. */
export type LargeTurns = (caller: string | undefined, bytes: number, answered: Promise<void>) => Promise<void>

export function makeLargeTurns({ heldMs = HELD_MS } = {}): LargeTurns {
  const turns = makeTurns({
    what: 'large requests',
    perKey: AT_ONCE,
    shared: SHARED_AT_ONCE,
    perUnnamed: AT_ONCE,
    inAll: 256,
    linePerCaller: 1000,
    lineInAll: 8000,
  })
  return async (caller, bytes, answered) => {
    if (bytes < LARGE_BYTES) return turns.note(caller)
    const end = await turns.take({ caller, kind: 'large', shares: true })
    void Promise.race([answered, sleep(heldMs, undefined, { ref: false })]).finally(end)
  }
}
