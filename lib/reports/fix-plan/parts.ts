/** The best so many fixes of parts that share no finding. Pure. */
import type { CoverInput, Effort } from './cover-input.ts'
import { makeGains } from './gains.ts'

/** Fixes that belong together. */
export type Part = readonly number[]

/** A part of so many fixes is tried out whole: 4,096 choices at most. */
const EXACT_MAX = 12
/** How often one fix is exchanged for another, for one number of fixes. */
const EXCHANGES_MAX = 200
/** Beyond so many pairs of a chosen fix and another one, nothing is exchanged: it would take too long. */
const PAIRS_MAX = 20_000
/** Nor after so many steps in all, for each kind of finding of each fix: exchanging betters the last hundredth. */
const EXCHANGE_STEPS = 200

/** Per number of fixes from 0 on: what the best choice of so many removes, and which it is. */
export interface Best {
  readonly gains: readonly number[]
  readonly chosen: (count: number) => readonly number[]
}

/** The choices that remove most, up to `most` fixes. It ends where more fixes remove no more. */
export async function bestByParts(
  parts: readonly Part[],
  input: CoverInput,
  most: number,
  effort: Effort,
): Promise<Best> {
  let best = ofSingles(parts.filter(({ length }) => length === 1).flat(), input, most)
  await effort.did(parts.length)
  const kinds = input.fixes.reduce((sum, fix) => sum + fix.length, 0)
  const left = { exchanges: kinds * EXCHANGE_STEPS }
  for (const part of parts) {
    if (part.length === 1) continue
    const own =
      part.length <= EXACT_MAX ? await exactly(part, input, effort) : await byExchange(part, input, most, left, effort)
    best = together(best, own, most)
    await effort.did(best.gains.length * own.gains.length)
  }
  const reached = best.gains.indexOf(best.gains.at(-1) ?? 0)
  return { ...best, gains: best.gains.slice(0, reached + 1) }
}

/** Fixes that share nothing with any other, most of them in most reports: the best so many are the largest so many. */
function ofSingles(singles: readonly number[], { weights, fixes }: CoverInput, most: number): Best {
  const gainOf = new Map(
    singles.map((fix) => [fix, (fixes[fix] ?? []).reduce((sum, kind) => sum + (weights[kind] ?? 0), 0)]),
  )
  const largest = singles.toSorted((a, b) => gainOf.get(b)! - gainOf.get(a)!).slice(0, most)
  const gains = [0]
  for (const fix of largest) gains.push(gains.at(-1)! + gainOf.get(fix)!)
  return { gains, chosen: (count) => largest.slice(0, count) }
}

/** Which they are is put together when it is asked for: of most numbers nobody asks. */
function together(a: Best, b: Best, most: number): Best {
  const length = Math.min(most, a.gains.length + b.gains.length - 2) + 1
  const taken = new Uint16Array(length)
  const gains = Array.from({ length }, (_, count) => {
    let top = -1
    for (let some = Math.max(0, count - a.gains.length + 1); some <= Math.min(count, b.gains.length - 1); some++) {
      const gain = a.gains[count - some]! + b.gains[some]!
      if (gain > top) [top, taken[count]] = [gain, some]
    }
    return top
  })
  return { gains, chosen: (count) => [...a.chosen(count - taken[count]!), ...b.chosen(taken[count]!)] }
}

/** Every choice is tried. Kinds that the same fixes remove are one kind. */
async function exactly(part: Part, { weights, fixes }: CoverInput, effort: Effort): Promise<Best> {
  const removedBy = new Map<number, number>()
  for (const [at, fix] of part.entries()) {
    for (const kind of fixes[fix] ?? []) removedBy.set(kind, (removedBy.get(kind) ?? 0) | (1 << at))
    await effort.did(fixes[fix]?.length ?? 0)
  }
  const weightOf = new Map<number, number>()
  for (const [kind, by] of removedBy) weightOf.set(by, (weightOf.get(by) ?? 0) + (weights[kind] ?? 0))
  const gains = Array<number>(part.length + 1).fill(0)
  const choices = Array<number>(part.length + 1).fill(0)
  const kinds = [...weightOf]
  for (let choice = 1; choice < 1 << part.length; choice++) {
    let [count, gain] = [0, 0]
    for (let bits = choice; bits > 0; bits &= bits - 1) count += 1
    for (const [by, weight] of kinds) if ((by & choice) !== 0) gain += weight
    if (gain > gains[count]!) [gains[count], choices[count]] = [gain, choice]
    if (choice % 64 === 0) await effort.did(64 * kinds.length)
  }
  return { gains, chosen: (count) => part.filter((_, at) => ((choices[count]! >> at) & 1) === 1) }
}

/** The most first, and then one exchanged for another while that removes more. */
async function byExchange(
  part: Part,
  input: CoverInput,
  most: number,
  left: { exchanges: number },
  effort: Effort,
): Promise<Best> {
  const gains = [0]
  const chosen: (readonly number[])[] = [[]]
  const exchanged = makeCount(input, effort)
  // As long as nothing was exchanged, what each fix would remove is known without counting.
  let known = await makeGains(input, part, [], effort)
  for (let count = 1; count <= Math.min(most, part.length); count++) {
    const next = known.best()
    if (next === undefined || known.of(next) <= 0) break
    await known.choose(next)
    exchanged.add(next)
    let isOther = false
    for (let exchange = 0; exchange < EXCHANGES_MAX; exchange++) {
      if (count * part.length > PAIRS_MAX || left.exchanges <= 0) break
      const before = effort.steps
      const better = await exchangeOne(exchanged, part)
      left.exchanges -= effort.steps - before
      if (!better) break
      isOther = true
    }
    if (isOther) {
      known = await makeGains(input, part, [], effort)
      for (const fix of exchanged.chosen()) await known.choose(fix)
    }
    gains.push(exchanged.gain())
    chosen.push(exchanged.chosen())
  }
  return { gains, chosen: (count) => chosen[count] ?? [] }
}

async function exchangeOne(cover: ReturnType<typeof makeCount>, part: Part): Promise<boolean> {
  const before = cover.gain()
  for (const fix of cover.chosen()) {
    cover.remove(fix)
    const other = await cover.bestOf(part)
    cover.add(other)
    if (cover.gain() > before) return true
    cover.remove(other)
    cover.add(fix)
  }
  return false
}

/** How much a changing choice removes. */
function makeCount({ weights, fixes }: CoverInput, effort: Effort) {
  const times = new Map<number, number>()
  const chosen = new Set<number>()
  let gain = 0
  const wouldAdd = (fix: number): number => {
    let more = 0
    for (const kind of fixes[fix] ?? []) if ((times.get(kind) ?? 0) === 0) more += weights[kind] ?? 0
    return more
  }
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
    async bestOf(part: Part): Promise<number> {
      let [found, most] = [part[0]!, -1]
      for (const fix of part) {
        if (chosen.has(fix)) continue
        const more = wouldAdd(fix)
        if (more > most) [found, most] = [fix, more]
        await effort.did(1 + (fixes[fix]?.length ?? 0))
      }
      return found
    },
  }
}
