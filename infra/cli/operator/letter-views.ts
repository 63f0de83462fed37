/** Dead letters as people read them. */
import type { DeadLetter } from '../../../lib/scan-work/recover/read-letters.ts'
import { otherwiseFor, remedyFor } from '../../../lib/scans/course.ts'

const ERROR_CHARS = 80

export function letterLine(letter: DeadLetter): string {
  const error = (letter.errors[0] ?? '').replace(/\s+/g, ' ')
  const short = error.length > ERROR_CHARS ? `${error.slice(0, ERROR_CHARS - 1)}…` : error
  return [letter.lastFailure.toISOString(), letter.id, letter.taskId ?? '-', `${letter.attempts}×`, short].join('  ')
}

/** What replaying a letter would do, or why it cannot be. */
export interface ReplayProspect {
  readonly isPossible: boolean
  readonly says: string
}

/** Everything that is known of a letter, and what to do. */
export function letterPage(letter: DeadLetter, replay: ReplayProspect): string {
  const rows = [
    ['letter', letter.id],
    ['function', letter.function],
    ['event', letter.eventType],
    ['scan', letter.taskId ?? 'none'],
    ['trace', letter.traceId ?? 'none'],
    ['attempts', String(letter.attempts)],
    ['deliveries', `${letter.deliveries}${letter.deliveries > 1 ? ' (workers died holding it)' : ''}`],
    ['first failure', letter.firstFailure.toISOString()],
    ['given up', letter.lastFailure.toISOString()],
    ...letter.errors.map((error, index) => [index === 0 ? 'error' : 'because', error]),
    ['what to do', replay.isPossible ? remedyFor(letter.function) : otherwiseFor(letter.function)],
    ['replaying it', replay.says],
    ['data', JSON.stringify(letter.event?.data ?? letter.raw.slice(0, 500))],
  ]
  return rows.map(([name = '', value = '']) => `${name.padEnd(14)} ${value}`).join('\n')
}

/** Without the envelope as it came: the event says it already. */
export function letterJson(letter: DeadLetter): object {
  const { raw: _, ...rest } = letter
  return rest
}
