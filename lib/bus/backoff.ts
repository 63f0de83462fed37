/** Exponential back-off with full jitter: any time up to the bound, so that failures that came together do not return together. */
export interface BackoffBounds {
  readonly baseMs: number
  readonly maxMs: number
}

/** Milliseconds to wait before attempt `attempt + 1`; `random` gives a number in [0, 1). */
export function backoffMs(attempt: number, bounds: BackoffBounds, random: () => number): number {
  const ceilingMs = Math.min(bounds.maxMs, bounds.baseMs * 2 ** Math.min(attempt, 30))
  return Math.ceil(random() * ceilingMs)
}
