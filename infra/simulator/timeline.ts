/**
 * Simulated time without timers. Things that will happen wait in a heap and
 * happen when somebody looks at the time; thousands of scans in flight cost
 * nothing until then.
 *
 *   TL1. Events run in order of their due time, and of their arrival where that is equal.
 *   TL2. While an event runs, `now()` is its due time, so what it schedules follows
 *        from when it was due and not from when somebody looked.
 *   TL3. Time never goes back, even when the clock does.
 */
import type { Clock } from './options.ts'

export interface Timeline {
  /** Simulated milliseconds since 1970. First runs every event that is due. */
  now(): number
  /** Has `event` run once `delayMs` simulated milliseconds have passed. */
  after(delayMs: number, event: () => void): void
}

interface Due {
  readonly atMs: number
  readonly order: number
  readonly event: () => void
}

/** `speed` is how many simulated seconds pass in one second of `clock`. */
export function makeTimeline({ clock, speed }: { clock: Clock; speed: number }): Timeline {
  const startMs = clock.now()
  const heap: Due[] = []
  let order = 0
  let reachedMs = startMs
  let advancing = false

  function now(): number {
    if (advancing) return reachedMs
    const untilMs = Math.max(reachedMs, startMs + (clock.now() - startMs) * speed)
    advancing = true
    try {
      for (let next = heap[0]; next && next.atMs <= untilMs; next = heap[0]) {
        takeFirst(heap)
        reachedMs = Math.max(reachedMs, next.atMs)
        next.event()
      }
      reachedMs = untilMs
    } finally {
      advancing = false
    }
    return reachedMs
  }

  return { now, after: (delayMs, event) => insert(heap, { atMs: now() + delayMs, order: order++, event }) }
}

function isBefore(left: Due | undefined, right: Due | undefined): boolean {
  if (!left || !right) return left !== undefined
  return left.atMs === right.atMs ? left.order < right.order : left.atMs < right.atMs
}

function insert(heap: Due[], due: Due): void {
  let index = heap.push(due) - 1
  while (index > 0) {
    const parent = (index - 1) >> 1
    if (!isBefore(due, heap[parent])) break
    swap(heap, index, parent)
    index = parent
  }
}

function takeFirst(heap: Due[]): void {
  const last = heap.pop()
  if (!last || heap.length === 0) return
  heap[0] = last
  let index = 0
  for (;;) {
    const left = 2 * index + 1
    const child = isBefore(heap[left + 1], heap[left]) ? left + 1 : left
    if (!isBefore(heap[child], heap[index])) return
    swap(heap, index, child)
    index = child
  }
}

function swap(heap: Due[], left: number, right: number): void {
  const [a, b] = [heap[left], heap[right]]
  if (a && b) {
    heap[left] = b
    heap[right] = a
  }
}
