import type { Bus } from '../../bus/bus.ts'
import { readLetters } from './read-letters.ts'
import { withoutParticulars } from './without-particulars.ts'

export interface LetterCount {
  readonly function: string
  readonly error: string
  readonly letters: number
  /** Given up for the same causes, and not kept: of each cause there are only so many letters. */
  readonly not_kept: number
  readonly oldest: Date
}

/** Dead letters by function and error, most first. */
export async function countLetters({ keyspace, keys }: Pick<Bus, 'keyspace' | 'keys'>): Promise<LetterCount[]> {
  const counts = new Map<string, LetterCount & { readonly causes: Set<string> }>()
  for await (const letter of readLetters(keyspace, keys)) {
    const error = withoutParticulars(letter.errors[0] ?? '')
    const key = `${letter.function} ${error}`
    const known = counts.get(key)
    const first = { function: letter.function, error, letters: 0, not_kept: 0, oldest: letter.lastFailure }
    const row = known ?? { ...first, causes: new Set<string>() }
    if (letter.cause !== undefined) row.causes.add(letter.cause)
    counts.set(key, { ...row, letters: row.letters + 1 })
  }
  const rows = await Promise.all(
    [...counts.values()].map(async ({ causes, ...row }) => {
      const beyond = await Promise.all([...causes].map((cause) => keyspace.field(keys.lettersBeyond(cause), 'count')))
      return { ...row, not_kept: beyond.reduce((sum, count) => sum + Number(count ?? 0), 0) }
    }),
  )
  return rows.toSorted((a, b) => b.letters + b.not_kept - (a.letters + a.not_kept))
}
