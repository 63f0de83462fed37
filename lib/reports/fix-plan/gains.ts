/**
 * What each fix would still remove, kept exact while fixes are chosen: a kind of
 * finding that is removed is taken off every fix that removes it, once. So choosing
 * all of them costs what reading the input costs, and not that for each choice. Pure.
 */
import type { CoverInput, Effort } from './cover-input.ts'

export interface Gains {
  /** What `fix` would remove now. */
  of(fix: number): number
  /** What the chosen ones remove. */
  readonly sum: number
  choose(fix: number): Promise<void>
  /** The fix that removes most, the first of those that remove as much, among those not chosen; `undefined` when none is left. */
  best(): number | undefined
}

interface Entry {
  readonly fix: number
  readonly gain: number
  /** Its place among `among`. */
  readonly at: number
}

/** Of the fixes `among`, when `before` are chosen already. */
export async function makeGains(
  { weights, fixes }: CoverInput,
  among: readonly number[],
  before: readonly number[],
  effort: Effort,
): Promise<Gains> {
  const fixesOf = new Map<number, number[]>()
  const gains = new Map<number, number>()
  const removed = new Set<number>(before.flatMap((fix) => fixes[fix] ?? []))
  const chosen = new Set<number>()
  const heap = makeHeap()
  let sum = 0
  await effort.did(removed.size)
  for (const [at, fix] of among.entries()) {
    let gain = 0
    for (const kind of fixes[fix] ?? []) {
      if (removed.has(kind)) continue
      gain += weights[kind] ?? 0
      const known = fixesOf.get(kind)
      if (known) known.push(fix)
      else fixesOf.set(kind, [fix])
    }
    gains.set(fix, gain)
    heap.push({ fix, at, gain })
    await effort.did((fixes[fix]?.length ?? 0) + heap.steps())
  }
  return {
    of: (fix) => gains.get(fix) ?? 0,
    get sum() {
      return sum
    },
    async choose(fix) {
      if (chosen.has(fix)) return
      chosen.add(fix)
      sum += gains.get(fix) ?? 0
      for (const kind of fixes[fix] ?? []) {
        if (removed.has(kind)) continue
        removed.add(kind)
        const others = fixesOf.get(kind) ?? []
        for (const other of others) gains.set(other, (gains.get(other) ?? 0) - (weights[kind] ?? 0))
        await effort.did(1 + others.length + heap.steps())
      }
    },
    best() {
      for (let top = heap.pop(); top; top = heap.pop()) {
        if (chosen.has(top.fix)) continue
        const gain = gains.get(top.fix)!
        if (gain === top.gain) {
          heap.push(top)
          return top.fix
        }
        // It removes less by now, so another one may come before it.
        heap.push({ ...top, gain })
      }
      return undefined
    },
  }
}

/** The largest gain first, then the first place. */
function makeHeap() {
  const entries: Entry[] = []
  let steps = 0
  const isBefore = (a: Entry, b: Entry): boolean => a.gain > b.gain || (a.gain === b.gain && a.at < b.at)
  const swap = (a: number, b: number): void => {
    steps += 1
    ;[entries[a], entries[b]] = [entries[b]!, entries[a]!]
  }
  return {
    /** How many since it was asked last. */
    steps(): number {
      const since = steps
      steps = 0
      return since
    },
    push(entry: Entry): void {
      let at = entries.push(entry) - 1
      while (at > 0) {
        const parent = (at - 1) >> 1
        if (!isBefore(entries[at]!, entries[parent]!)) return
        swap(at, parent)
        at = parent
      }
    },
    pop(): Entry | undefined {
      const top = entries[0]
      const last = entries.pop()
      if (entries.length === 0 || last === undefined) return top
      entries[0] = last
      for (let at = 0; ;) {
        let first = at
        for (const child of [at * 2 + 1, at * 2 + 2]) {
          if (child < entries.length && isBefore(entries[child]!, entries[first]!)) first = child
        }
        if (first === at) return top
        swap(at, first)
        at = first
      }
    },
  }
}
