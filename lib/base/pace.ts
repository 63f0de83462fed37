/**
 * Shares the one thread among long works. Each goes a little way, then waits
 * its turn, and between two turns everything else in the process goes on.
 *
 *   PA1. Between two turns the event loop runs once: what came in meanwhile is handled.
 *   PA2. Turns are given in the order in which they were asked for, one in each round: fifty long works delay the others no more than one does.
 */

/** A work that is not through after so long asks for another turn. */
const SLICE_MS = 2

export interface Pace {
  /** Waits for the next turn. */
  turn(): Promise<void>
  /** Makes the watch of one work: `over()` says, cheaply, whether its turn has lasted long enough. */
  watch(): Watch
}

export interface Watch {
  over(): boolean
  /** Waits for the next turn, if this one has lasted long enough. */
  rest(): Promise<void>
}

export function makePace(sliceMs = SLICE_MS): Pace {
  const line: (() => void)[] = []
  let running = false
  const round = () => {
    const next = line.shift()
    if (!next) {
      running = false
      return
    }
    next()
    setImmediate(round)
  }
  const turn = () =>
    new Promise<void>((resolve) => {
      line.push(resolve)
      if (running) return
      running = true
      setImmediate(round)
    })
  return {
    turn,
    watch() {
      let beganMs = performance.now()
      const over = () => performance.now() - beganMs > sliceMs
      return {
        over,
        async rest() {
          if (!over()) return
          await turn()
          beganMs = performance.now()
        },
      }
    },
  }
}

/** How many cheap steps go between two looks at the clock. */
const STEPS = 512

/** `rows` for which `test` holds, as `rows.filter(test)` gives them, a turn at a time. */
export async function filterRows(
  rows: Uint32Array,
  test: (row: number) => boolean,
  watch: Watch,
): Promise<Uint32Array<ArrayBuffer>> {
  const kept = new Uint32Array(rows.length)
  let count = 0
  for (let from = 0; from < rows.length; from += STEPS) {
    const end = Math.min(from + STEPS, rows.length)
    for (let at = from; at < end; at++) if (test(rows[at]!)) kept[count++] = rows[at]!
    if (watch.over()) await watch.rest()
  }
  return kept.slice(0, count)
}

/** Does `work` for each of `values`, a turn at a time. */
export async function eachInTurn<T>(values: Iterable<T>, work: (value: T) => void, watch: Watch): Promise<void> {
  let steps = 0
  for (const value of values) {
    work(value)
    if (++steps % STEPS === 0 && watch.over()) await watch.rest()
  }
}

/** `values` in the order of `compare`, stable, a turn at a time. */
export async function sortInTurn<T>(values: readonly T[], compare: (a: T, b: T) => number, watch: Watch): Promise<T[]> {
  let runs: T[][] = []
  for (let from = 0; from < values.length; from += STEPS) {
    runs.push(values.slice(from, from + STEPS).sort(compare))
    if (watch.over()) await watch.rest()
  }
  while (runs.length > 1) {
    const merged: T[][] = []
    for (let at = 0; at < runs.length; at += 2) merged.push(await merge(runs[at]!, runs[at + 1] ?? [], compare, watch))
    runs = merged
  }
  return runs[0] ?? []
}

async function merge<T>(left: T[], right: T[], compare: (a: T, b: T) => number, watch: Watch): Promise<T[]> {
  const merged: T[] = []
  let from = 0
  for (const value of left) {
    while (from < right.length && compare(right[from]!, value) < 0) merged.push(right[from++]!)
    merged.push(value)
    if (merged.length % STEPS === 0 && watch.over()) await watch.rest()
  }
  while (from < right.length) merged.push(right[from++]!)
  return merged
}
