import { Refusal } from './errors.ts'

/** Names that every object has already: where a caller names the keys, they are no keys, and parsers pass over them in silence. */
const PROTOTYPE_NAMES: ReadonlySet<string> = new Set(['__proto__', 'constructor', 'prototype'])

/** Throws a Refusal when an object anywhere within `value`, which came as JSON, has such a key; `what` begins its message. */
export function refusePrototypeNames(value: unknown, what: string): void {
  // No recursion: JSON nests deeper than a stack.
  const open: { readonly value: unknown; readonly path: string }[] = [{ value, path: '' }]
  for (let next = open.pop(); next; next = open.pop()) {
    if (typeof next.value !== 'object' || next.value === null) continue
    const { path } = next
    for (const [name, field] of Object.entries(next.value)) {
      const at = path === '' ? name : `${path}.${name}`
      if (PROTOTYPE_NAMES.has(name)) {
        const where = path === '' ? what : `${what}: ${path}`
        const [argument = name] = at.split('.')
        throw new Refusal(
          'invalid_argument',
          `${where}: there is no ${JSON.stringify(name)}; no name of ours is called so`,
          {
            arguments: [argument],
          },
        )
      }
      if (typeof field === 'object') open.push({ value: field, path: path.length > 200 ? path : at })
    }
  }
}
