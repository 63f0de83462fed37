import { COUNTS, type BusKeys } from '../../bus/keys.ts'
import type { Transaction, Write } from '../../bus/transaction.ts'
import type { DeadLetter } from './read-letters.ts'

const AUDIT_LENGTH_MAX = 10_000

export interface Leave {
  readonly why: 'replayed' | 'discarded' | 'expired'
  readonly who: string
  /** What the hash of open letters says of it, as just read; `undefined` for one that is in the stream alone, by an edit in Redis. */
  readonly open: string | undefined
}

/** Takes a letter out, once, and notes who did so and why. */
export function letterGone(letter: DeadLetter, { why, who, open }: Leave, keys: BusKeys): Transaction {
  const note = { letter: letter.id, function: letter.function, task: letter.taskId ?? '', what: why, who }
  const cause: Write[] = letter.cause === undefined ? [] : [['SREM', keys.lettersOf(letter.cause), letter.id]]
  return {
    guards: [{ if: 'field', key: keys.openLetters, field: letter.id, is: open ?? '', else: 'stale' }],
    writes: [
      ['XDEL', keys.dead, letter.entryId],
      ['HDEL', keys.openLetters, letter.id],
      ...cause,
      ['XADD', keys.audit, 'MAXLEN', '~', String(AUDIT_LENGTH_MAX), '*', ...Object.entries(note).flat()],
      ...(why === 'replayed' ? [['HINCRBY', keys.counts, COUNTS.replays, '1'] as const] : []),
    ],
  }
}
