/** The scanner's engines: at most so many runs hold one, the others wait in order of arrival. */
import type { Run } from './scan.ts'

export interface Engines {
  /** Has `run` started as soon as an engine is free, which may be at once. */
  queue(run: Run): void
  /** Takes the engine or the place in the queue away; somebody else may start. */
  release(run: Run): void
  /** Gives up waiting, but keeps an engine that is held. */
  stopWaiting(run: Run): void
  held(): number
  /** The most that were ever held at the same time. */
  heldMax(): number
}

/** `maxScans` 0 is no limit. `start` is called when a run gets its engine. */
export function makeEngines({ maxScans, start }: { maxScans: number; start: (run: Run) => void }): Engines {
  const holders = new Set<Run>()
  // A set keeps the order of arrival and forgets in one step.
  const waiting = new Set<Run>()
  let heldMax = 0

  function startWaiting(): void {
    for (const run of waiting) {
      if (maxScans > 0 && holders.size >= maxScans) return
      waiting.delete(run)
      holders.add(run)
      heldMax = Math.max(heldMax, holders.size)
      start(run)
    }
  }

  return {
    queue(run) {
      waiting.add(run)
      startWaiting()
    },
    release(run) {
      waiting.delete(run)
      holders.delete(run)
      startWaiting()
    },
    stopWaiting: (run) => void waiting.delete(run),
    held: () => holders.size,
    heldMax: () => heldMax,
  }
}
