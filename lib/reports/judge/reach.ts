/** How the scan of a host went: whether it was there, and whether its scan came to an end. */

/** `unreachable`: the scanner called it dead. `unfinished`: begun, without an end. `unknown`: the report says neither. */
export const REACHES = ['finished', 'unfinished', 'unreachable', 'unknown'] as const
export type Reach = (typeof REACHES)[number]

export interface ReachSigns {
  readonly dead: boolean
  readonly start: string | undefined
  readonly end: string | undefined
  /** Plugin 19506, which runs at the very end. */
  readonly summedUp: boolean
}

export function reachOf({ dead, start, end, summedUp }: ReachSigns): Reach {
  if (dead) return 'unreachable'
  if (end !== undefined) return 'finished'
  if (start !== undefined) return 'unfinished'
  return summedUp ? 'finished' : 'unknown'
}
