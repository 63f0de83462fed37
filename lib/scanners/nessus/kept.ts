import type { LookOptions } from '../scanner.ts'

/** A list of the scanner's that is remembered for a while, for those whom a recent one serves. */
export function kept<T>(
  read: () => Promise<readonly T[]>,
  { now, keptMs }: { now: () => number; keptMs: number },
): { list(options?: LookOptions): Promise<readonly T[]>; forget(): void } {
  let last: { readonly items: readonly T[]; readonly untilMs: number } | undefined
  return {
    async list({ recent = false } = {}) {
      if (recent && last && now() < last.untilMs) return last.items
      const items = await read()
      last = { items, untilMs: now() + keptMs }
      return items
    },
    forget: () => void (last = undefined),
  }
}
