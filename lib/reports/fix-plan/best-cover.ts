/**
 * Which few fixes remove most, each finding counted once. Fixes that another one
 * includes are left out; what is left falls into parts that share no finding, each
 * part is solved by itself (exactly while it is small, else by choosing the most
 * and exchanging), and the parts are put together exactly. Pure.
 */
import type { CoverInput, Effort } from './cover-input.ts'
import { makeGains } from './gains.ts'
import { withoutIncluded } from './included.ts'
import { bestByParts, type Part } from './parts.ts'

export interface Cover {
  /** Fixes, the best first: together they remove as much as so many can. */
  readonly order: readonly number[]
  /** Fixes that no other one includes. */
  readonly useful: number
}

const STARTS_MAX = 12

export async function bestCover(input: CoverInput, most: number, effort: Effort): Promise<Cover> {
  const { fixes } = input
  const useful = await withoutIncluded(fixes, effort)
  const parts = await partsOf(useful, fixes, effort)
  const best = await bestByParts(parts, input, Math.min(most, useful.length), effort)
  const count = best.gains.length - 1
  const all = best.chosen(count)
  // Every beginning of the list is read as an answer too, so that order is taken whose worst beginning is least far from the best.
  const starts = [count, ...Array.from({ length: Math.min(count, STARTS_MAX) }, (_, at) => at + 1)]
  let order: readonly number[] = []
  let quality = -1
  for (const start of starts) {
    const head = await greedy(start === count ? all : best.chosen(start), [], input, effort)
    const headed = new Set(head)
    const rest = all.filter((fix) => !headed.has(fix))
    const tried = [...head, ...(await greedy(rest, head, input, effort))].slice(0, count)
    const gains = gainsOf(tried, input)
    await effort.did(tried.reduce((sum, fix) => sum + fixes[fix]!.length, 0))
    if ((gains.at(-1) ?? 0) < (best.gains[count] ?? 0)) continue
    const worst = Math.min(1, ...gains.map((gain, at) => gain / (best.gains[at + 1] || 1)))
    if (worst > quality) [order, quality] = [tried, worst]
  }
  return { order, useful: useful.length }
}

/** What the first one removes, the first two, and so on. */
function gainsOf(order: readonly number[], { weights, fixes }: CoverInput): number[] {
  const seen = new Set<number>()
  let sum = 0
  return order.map((fix) => {
    for (const kind of fixes[fix] ?? []) {
      if (seen.has(kind)) continue
      seen.add(kind)
      sum += weights[kind] ?? 0
    }
    return sum
  })
}

/** `from`, the one that removes most of what is left first. */
async function greedy(
  from: readonly number[],
  before: readonly number[],
  input: CoverInput,
  effort: Effort,
): Promise<number[]> {
  const gains = await makeGains(input, from, before, effort)
  const order: number[] = []
  for (let next = gains.best(); next !== undefined; next = gains.best()) {
    await gains.choose(next)
    order.push(next)
  }
  return order
}

/** Fixes that share kinds of findings, directly or by others between them, belong to one part. */
async function partsOf(
  useful: readonly number[],
  fixes: readonly (readonly number[])[],
  effort: Effort,
): Promise<Part[]> {
  const parent = new Map<number, number>()
  let steps = 0
  /** Halves the way while it goes it, or a long chain would be walked again and again. */
  const rootOf = (kind: number): number => {
    let at = kind
    for (let up = parent.get(at); up !== undefined && up !== at; up = parent.get(at)) {
      parent.set(at, parent.get(up) ?? up)
      at = up
      steps += 1
    }
    return at
  }
  for (const fix of useful) {
    const [first = 0, ...others] = fixes[fix] ?? []
    for (const kind of others) parent.set(rootOf(kind), rootOf(first))
    await effort.did(steps + others.length)
    steps = 0
  }
  const parts = new Map<number, number[]>()
  for (const fix of useful) {
    const root = rootOf(fixes[fix]?.[0] ?? 0)
    const part = parts.get(root)
    if (part) part.push(fix)
    else parts.set(root, [fix])
  }
  return [...parts.values()]
}
