/** Seeded randomness: the same seed makes the same tokens, durations and faults. */

export interface Random {
  /** 0 up to, not including, 1. */
  next(): number
  hex(digits: number): string
  /** In the form 8-4-4-4-12. */
  uuid(): string
}

/** A mulberry32 generator: good enough to vary a simulation, useless for secrets. */
export function makeRandom(seed: number): Random {
  let state = seed >>> 0
  const next = (): number => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
  const hex = (digits: number): string =>
    Array.from({ length: digits }, () => Math.floor(next() * 16).toString(16)).join('')
  return { next, hex, uuid: () => [8, 4, 4, 4, 12].map(hex).join('-') }
}

/** A fraction that depends only on `seed` and `parts`: for values that are worked out again at each look. */
export function fractionOf(seed: number, ...parts: readonly number[]): number {
  const mixed = parts.reduce((sum, part) => Math.imul(sum ^ part, 0x9e3779b1) + part, seed ^ 0x85ebca6b)
  return makeRandom(mixed).next()
}
