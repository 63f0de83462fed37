/**
 * Counts the characters that a work goes over, so that growth can be tested without a clock: while it runs, the methods
 * of strings and patterns tell what they looked at.
 */

/** Go over the whole text. */
const WHOLE = [
  'trim',
  'trimEnd',
  'toLowerCase',
  'split',
  'replaceAll',
  'replace',
  'match',
  'search',
  'includes',
  'lastIndexOf',
] as const
/** Look at as much as they are given. */
const GIVEN = ['startsWith', 'endsWith'] as const

type AnyMethod = (this: unknown, ...args: unknown[]) => unknown

export function stepsOver(work: () => unknown): number {
  let steps = 0
  const undo: (() => void)[] = []
  const wrap = (
    owner: object,
    name: string,
    cost: (self: unknown, args: unknown[], result: unknown) => number,
  ): void => {
    const target = owner as Record<string, AnyMethod>
    const own = target[name]!
    target[name] = function (...args) {
      const result = own.apply(this, args)
      steps += cost(this, args, result)
      return result
    }
    undo.push(() => (target[name] = own))
  }
  const lengthOf = (text: unknown): number => (typeof text === 'string' ? text.length : 1)
  for (const name of WHOLE) wrap(String.prototype, name, (self) => lengthOf(String(self)))
  for (const name of GIVEN) wrap(String.prototype, name, (_, [wanted]) => lengthOf(wanted))
  wrap(String.prototype, 'slice', (_, _args, result) => lengthOf(result))
  wrap(String.prototype, 'indexOf', (self, [, from], result) => {
    const end = (result as number) < 0 ? lengthOf(String(self)) : (result as number)
    return Math.max(1, end - Number(from ?? 0))
  })
  // A sticky one looks where it stands alone, as splitting by a pattern does, place by place.
  for (const name of ['exec', 'test']) {
    wrap(RegExp.prototype, name, (self, [text], result) =>
      self instanceof RegExp && self.sticky ? 1 + lengthOf(Array.isArray(result) ? result[0] : '') : lengthOf(text),
    )
  }
  try {
    work()
  } finally {
    for (const restore of undo) restore()
  }
  return steps
}
