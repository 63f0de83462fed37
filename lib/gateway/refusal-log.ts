/** Calls that were refused (401, 403): counted each, and logged as many as somebody can read. */
import type { Refusal } from '../base/errors.ts'
import type { Log } from '../base/log.ts'
import type { Metrics } from '../observe/metrics.ts'

const WINDOW_MS = 60_000
/** Lines a minute: a flood of guesses must not be a flood of the log. */
const LINES_MAX = 20

export type NoteRefusal = (refusal: Refusal, about: object) => void

export function makeRefusalLog({
  metrics,
  log,
  now,
}: {
  readonly metrics: Pick<Metrics, 'refusedTotal'>
  readonly log: Log
  readonly now: () => number
}): NoteRefusal {
  const window = { sinceMs: Number.NEGATIVE_INFINITY, lines: 0, silent: 0 }
  return ({ code, message }, about) => {
    if (code !== 'unauthenticated' && code !== 'forbidden') return
    metrics.refusedTotal.inc({ code })
    if (now() - window.sinceMs >= WINDOW_MS) {
      if (window.silent > 0) log.warn('turned away, and not logged one by one', { count: window.silent })
      Object.assign(window, { sinceMs: now(), lines: 0, silent: 0 })
    }
    window.lines += 1
    if (window.lines <= LINES_MAX) log.warn('turned away', { ...about, code, reason: message })
    else window.silent += 1
  }
}
