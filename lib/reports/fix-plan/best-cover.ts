/**
 * Which few fixes remove most, each finding counted once. Fixes that another one
 * includes are left out; what is left falls into parts that share no finding, each
 * part is solved by itself (exactly while it is small, else by choosing the most
 * and exchanging), and the parts are put together exactly. Pure.
 */
import { bestByParts, type CoverInput, type Part } from './parts.ts'

export interface Cover {
  /** Fixes, the best first: together they remove as much as so many can. */
  readonly order: readonly number[]
  /** Fixes that no other one includes. */
  readonly useful: number
}

const STARTS_MAX = 12

export function bestCover({ weights, fixes }: CoverInput, most: number): Cover {
  const useful = withoutIncluded(fixes)
  const best = bestByParts(partsOf(useful, fixes), { weights, fixes }, Math.min(most, useful.length))
  const count = best.length - 1
  const gainOf = (order: readonly number[]): number[] => {
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
  const goals = best.map((chosen) => gainOf(chosen).at(-1) ?? 0)
  // Every beginning of the list is read as an answer too, so that order is taken whose worst beginning is least far from the best.
  const starts = [count, ...Array.from({ length: Math.min(count, STARTS_MAX) }, (_, at) => at + 1)]
  let order: readonly number[] = []
  let quality = -1
  for (const start of starts) {
    const head = greedy(best[start] ?? [], [], { weights, fixes })
    const rest = (best[count] ?? []).filter((fix) => !head.includes(fix))
    const tried = [...head, ...greedy(rest, head, { weights, fixes })].slice(0, count)
    const gains = gainOf(tried)
    if ((gains.at(-1) ?? 0) < (goals[count] ?? 0)) continue
    const worst = Math.min(1, ...gains.map((gain, at) => gain / (goals[at + 1] || 1)))
    if (worst > quality) [order, quality] = [tried, worst]
  }
  return { order, useful: useful.length }
}

/** `from`, the one that removes most of what is left first. */
function greedy(from: readonly number[], before: readonly number[], { weights, fixes }: CoverInput): number[] {
  const seen = new Set(before.flatMap((fix) => fixes[fix] ?? []))
  const left = new Set(from)
  const order: number[] = []
  while (left.size > 0) {
    let [next, most] = [-1, -1]
    for (const fix of left) {
      const gain = (fixes[fix] ?? []).reduce((sum, kind) => sum + (seen.has(kind) ? 0 : (weights[kind] ?? 0)), 0)
      if (gain > most) [next, most] = [fix, gain]
    }
    left.delete(next)
    order.push(next)
    for (const kind of fixes[next] ?? []) seen.add(kind)
  }
  return order
}

/** Of fixes that remove the same, the first one stays. */
function withoutIncluded(fixes: readonly (readonly number[])[]): number[] {
  const sets = fixes.map((kinds) => new Set(kinds))
  const fixesOf = new Map<number, number[]>()
  for (const [fix, kinds] of fixes.entries()) {
    for (const kind of kinds) {
      const known = fixesOf.get(kind)
      if (known) known.push(fix)
      else fixesOf.set(kind, [fix])
    }
  }
  return [...fixes.keys()].filter((fix) => {
    const own = sets[fix]!
    if (own.size === 0) return false
    const rarest = [...own].reduce((a, b) => ((fixesOf.get(b)?.length ?? 0) < (fixesOf.get(a)?.length ?? 0) ? b : a))
    return !(fixesOf.get(rarest) ?? []).some((other) => {
      const larger = sets[other]!
      if (other === fix || larger.size < own.size || (larger.size === own.size && other > fix)) return false
      return [...own].every((kind) => larger.has(kind))
    })
  })
}

/** Fixes that share kinds of findings, directly or by others between them, belong to one part. */
function partsOf(useful: readonly number[], fixes: readonly (readonly number[])[]): Part[] {
  const parent = new Map<number, number>()
  const rootOf = (kind: number): number => {
    let at = kind
    for (let up = parent.get(at); up !== undefined && up !== at; up = parent.get(at)) at = up
    return at
  }
  for (const fix of useful) {
    const [first = 0, ...others] = fixes[fix] ?? []
    for (const kind of others) parent.set(rootOf(kind), rootOf(first))
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
