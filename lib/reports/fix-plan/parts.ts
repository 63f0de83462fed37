/** The best so many fixes of parts that share no finding. Pure. */
export interface CoverInput {
  /** How many findings each kind of finding stands for. */
  readonly weights: readonly number[]
  /** Per fix, the kinds of findings that it removes. */
  readonly fixes: readonly (readonly number[])[]
}

/** Fixes that belong together. */
export type Part = readonly number[]

/** A part of so many fixes is tried out whole: 4,096 choices at most. */
const EXACT_MAX = 12
const EXCHANGES_MAX = 200
/** Beyond so many pairs of a chosen fix and another one, nothing is exchanged: it would take too long. */
const PAIRS_MAX = 20_000

interface Best {
  readonly chosen: readonly number[]
  readonly gain: number
}

/** Per number of fixes from 0 to `most`: the choice that removes most. It ends where more fixes remove no more. */
export function bestByParts(parts: readonly Part[], input: CoverInput, most: number): (readonly number[])[] {
  let best = ofSingles(parts.filter(({ length }) => length === 1).flat(), input, most)
  for (const part of parts) {
    if (part.length === 1) continue
    const own = part.length <= EXACT_MAX ? exactly(part, input) : byExchange(part, input, most)
    best = together(best, own, most)
  }
  const reached = best.findIndex(({ gain }) => gain === best.at(-1)?.gain)
  return best.slice(0, reached + 1).map(({ chosen }) => chosen)
}

/** Fixes that share nothing with any other, most of them in most reports: the best so many are the largest so many. */
function ofSingles(singles: readonly number[], { weights, fixes }: CoverInput, most: number): Best[] {
  const gainOf = (fix: number): number => (fixes[fix] ?? []).reduce((sum, kind) => sum + (weights[kind] ?? 0), 0)
  const gains = new Map(singles.map((fix) => [fix, gainOf(fix)]))
  const largest = singles.toSorted((a, b) => gains.get(b)! - gains.get(a)!).slice(0, most)
  const best: Best[] = [{ chosen: [], gain: 0 }]
  for (const [at, fix] of largest.entries()) {
    best.push({ chosen: largest.slice(0, at + 1), gain: best[at]!.gain + gains.get(fix)! })
  }
  return best
}

function together(a: readonly Best[], b: readonly Best[], most: number): Best[] {
  const length = Math.min(most, a.length + b.length - 2) + 1
  return Array.from({ length }, (_, count) => {
    let top: readonly [number, number] = [-1, 0]
    for (let taken = Math.max(0, count - a.length + 1); taken <= Math.min(count, b.length - 1); taken++) {
      const gain = (a[count - taken]?.gain ?? 0) + (b[taken]?.gain ?? 0)
      if (gain > top[0]) top = [gain, taken]
    }
    const [gain, taken] = top
    return { gain, chosen: [...(a[count - taken]?.chosen ?? []), ...(b[taken]?.chosen ?? [])] }
  })
}

/** Every choice is tried. */
function exactly(part: Part, { weights, fixes }: CoverInput): Best[] {
  const best: Best[] = Array.from({ length: part.length + 1 }, () => ({ chosen: [], gain: 0 }))
  const times = new Map<number, number>()
  const chosen: number[] = []
  const walk = (at: number, gain: number): void => {
    if (gain > (best[chosen.length]?.gain ?? 0)) best[chosen.length] = { chosen: [...chosen], gain }
    for (let next = at; next < part.length; next++) {
      const fix = part[next]!
      let more = 0
      for (const kind of fixes[fix] ?? []) {
        const seen = times.get(kind) ?? 0
        if (seen === 0) more += weights[kind] ?? 0
        times.set(kind, seen + 1)
      }
      chosen.push(fix)
      walk(next + 1, gain + more)
      chosen.pop()
      for (const kind of fixes[fix] ?? []) times.set(kind, (times.get(kind) ?? 1) - 1)
    }
  }
  walk(0, 0)
  return best
}

/** The most first, and then one exchanged for another while that removes more. */
function byExchange(part: Part, input: CoverInput, most: number): Best[] {
  const best: Best[] = [{ chosen: [], gain: 0 }]
  for (let count = 1; count <= Math.min(most, part.length); count++) {
    const cover = makeCount(input)
    for (const fix of best[count - 1]!.chosen) cover.add(fix)
    cover.add(cover.bestOf(part))
    const exchanges = count * part.length > PAIRS_MAX ? 0 : EXCHANGES_MAX
    for (let exchange = 0; exchange < exchanges; exchange++) if (!exchangeOne(cover, part)) break
    if (cover.gain() <= best[count - 1]!.gain) break
    best.push({ chosen: cover.chosen(), gain: cover.gain() })
  }
  return best
}

function exchangeOne(cover: ReturnType<typeof makeCount>, part: Part): boolean {
  const before = cover.gain()
  for (const fix of cover.chosen()) {
    cover.remove(fix)
    const other = cover.bestOf(part)
    cover.add(other)
    if (cover.gain() > before) return true
    cover.remove(other)
    cover.add(fix)
  }
  return false
}

/** How much a changing choice removes. */
function makeCount({ weights, fixes }: CoverInput) {
  const times = new Map<number, number>()
  const chosen = new Set<number>()
  let gain = 0
  const wouldAdd = (fix: number): number =>
    (fixes[fix] ?? []).reduce((sum, kind) => sum + ((times.get(kind) ?? 0) === 0 ? (weights[kind] ?? 0) : 0), 0)
  return {
    gain: () => gain,
    chosen: () => [...chosen],
    add(fix: number): void {
      gain += wouldAdd(fix)
      chosen.add(fix)
      for (const kind of fixes[fix] ?? []) times.set(kind, (times.get(kind) ?? 0) + 1)
    },
    remove(fix: number): void {
      chosen.delete(fix)
      for (const kind of fixes[fix] ?? []) times.set(kind, (times.get(kind) ?? 1) - 1)
      gain -= wouldAdd(fix)
    },
    bestOf(part: Part): number {
      let [found, most] = [part[0]!, -1]
      for (const fix of part) {
        if (chosen.has(fix)) continue
        const more = wouldAdd(fix)
        if (more > most) [found, most] = [fix, more]
      }
      return found
    },
  }
}
