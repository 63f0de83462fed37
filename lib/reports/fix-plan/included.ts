/** Fixes that another one includes, left out: of fixes that remove the same, the first one stays. Pure. */
import type { Effort } from './cover-input.ts'

/** A fix is compared with so many others that may include it, the largest: with all of them it would take the square of the input. */
const COMPARED_MAX = 100

export async function withoutIncluded(fixes: readonly (readonly number[])[], effort: Effort): Promise<number[]> {
  const sets = fixes.map((kinds) => new Set(kinds))
  const fixesOf = new Map<number, number[]>()
  // The largest first, and of those as large the first: who could include a fix comes before it.
  const bySize = [...fixes.keys()].toSorted((a, b) => sets[b]!.size - sets[a]!.size || a - b)
  for (const fix of bySize) {
    for (const kind of sets[fix]!) {
      const known = fixesOf.get(kind)
      if (known) known.push(fix)
      else fixesOf.set(kind, [fix])
    }
    await effort.did(sets[fix]!.size)
  }
  const kept: number[] = []
  for (const [fix, own] of sets.entries()) {
    if (own.size === 0) continue
    let steps = own.size
    const rarest = [...own].reduce((a, b) => (fixesOf.get(b)!.length < fixesOf.get(a)!.length ? b : a))
    let isIncluded = false
    for (const other of fixesOf.get(rarest)!.slice(0, COMPARED_MAX)) {
      if (other === fix) break
      steps += 1
      isIncluded = true
      for (const kind of own) {
        steps += 1
        if (sets[other]!.has(kind)) continue
        isIncluded = false
        break
      }
      if (isIncluded) break
    }
    if (!isIncluded) kept.push(fix)
    await effort.did(steps)
  }
  return kept
}
