import { COUNTS, type BusKeys } from '../../bus/keys.ts'
import type { Transaction } from '../../bus/transaction.ts'
import type { DeadLetter } from './read-letters.ts'

const AUDIT_LENGTH_MAX = 10_000

/** Takes a letter out, once, and notes who did so and why. */
export function letterGone(
  letter: DeadLetter,
  why: 'replayed' | 'discarded' | 'expired',
  who: string,
  keys: BusKeys,
): Transaction {
  const note = { letter: letter.id, function: letter.function, task: letter.taskId ?? '', what: why, who }
  return {
    guards: [{ if: 'field', key: keys.openLetters, field: letter.id, is: letter.function, else: 'stale' }],
    writes: [
      ['XDEL', keys.dead, letter.entryId],
      ['HDEL', keys.openLetters, letter.id],
      ['XADD', keys.audit, 'MAXLEN', '~', String(AUDIT_LENGTH_MAX), '*', ...Object.entries(note).flat()],
      ...(why === 'replayed' ? [['HINCRBY', keys.counts, COUNTS.replays, '1'] as const] : []),
    ],
  }
}
