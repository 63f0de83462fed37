/**
 * Pages over what lies on a scanner, while it changes: by a number that an item keeps, the highest first,
 * so that none comes twice and none that stays is passed over.
 */
import * as v from 'valibot'

export const pageArguments = (limitMax: number, says: string) => ({
  limit: v.optional(v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(limitMax), v.description(says)), 50),
  cursor: v.optional(
    v.pipe(
      v.string(),
      v.regex(/^\d{1,15}$/, 'expected the next_cursor of the page before'),
      v.description('next_cursor of the last page.'),
    ),
  ),
})

export interface Page<T> {
  readonly page: readonly T[]
  readonly next_cursor: string | null
}

export function pageOf<T>(
  items: readonly T[],
  numberOf: (item: T) => number,
  { limit, cursor }: { readonly limit: number; readonly cursor?: string | undefined },
): Page<T> {
  const inOrder = items.toSorted((a, b) => numberOf(b) - numberOf(a))
  const rest = cursor === undefined ? inOrder : inOrder.filter((item) => numberOf(item) < Number(cursor))
  const page = rest.slice(0, limit)
  const last = page.at(-1)
  return { page, next_cursor: rest.length > limit && last !== undefined ? String(numberOf(last)) : null }
}
