/** Random numbers that come again with the same seed (mulberry32). */
export interface Seeded {
  /** In [0, 1). */
  next(): number
  between(low: number, high: number): number
  pick<T>(from: readonly T[]): T
}

export function makeSeeded(seed: number): Seeded {
  let state = seed >>> 0
  const next = () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
  return {
    next,
    between: (low, high) => low + next() * (high - low),
    pick: <T>(from: readonly T[]): T => {
      const picked = from[Math.floor(next() * from.length)]
      if (picked === undefined) throw new Error('expected something to pick from, got nothing')
      return picked
    },
  }
}

/** The schedule that `npm test` runs, always the same: a change is judged by it, not by a new throw of the dice. */
const USUAL_SEED = 407_846_396

/** The seed of this run: SEED; a new one for a soak; else the usual one. Printed by who uses it. */
export function chooseSeed(): number {
  const fresh = process.env['SOAK_MINUTES'] === undefined ? USUAL_SEED : Math.floor(Math.random() * 1e9)
  return Number(process.env['SEED'] ?? fresh)
}
