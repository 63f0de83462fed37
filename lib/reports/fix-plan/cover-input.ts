/** What is to be covered, in numbers, and how much work may be done on it before others get their turn. */
import type { Watch } from '../../base/pace.ts'

export interface CoverInput {
  /** How many findings each kind of finding stands for. */
  readonly weights: readonly number[]
  /** Per fix, the kinds of findings that it removes. */
  readonly fixes: readonly (readonly number[])[]
}

/** So many steps go between two looks at the clock. */
const STEPS_AT_ONCE = 4096

export interface Effort {
  /** Tells of steps that were done; waits for the next turn when this one has lasted long enough. */
  did(steps: number): Promise<void>
  /** In all, so that growth can be seen without a clock. */
  readonly steps: number
}

export function makeEffort(watch: Watch): Effort {
  let steps = 0
  let rested = 0
  return {
    get steps() {
      return steps
    },
    async did(more) {
      steps += more
      if (steps - rested < STEPS_AT_ONCE) return
      rested = steps
      await watch.rest()
    },
  }
}
