/** Seeded random numbers (mulberry32), so that a failing case can be run again. */
export interface Random {
  /** A whole number below `limit`. */
  below(limit: number): number
  pick<T>(list: readonly T[]): T
  chance(probability: number): boolean
}

export function makeRandom(seed: number): Random {
  let state = seed >>> 0
  const next = (): number => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296
  }
  const below = (limit: number): number => Math.floor(next() * limit)
  return {
    below,
    pick(list) {
      const value = list[below(list.length)]
      if (value === undefined) throw new Error('picked from an empty list')
      return value
    },
    chance: (probability) => next() < probability,
  }
}
