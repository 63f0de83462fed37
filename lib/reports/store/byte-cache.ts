/**
 * A cache bounded by bytes: what was used longest ago goes first.
 *
 *   BC1. The sum of the kept sizes never exceeds `bytesMax`.
 *   BC2. A value larger than that is not kept at all.
 */
export interface ByteCache<T> {
  get(key: string): T | undefined
  set(key: string, value: T, bytes: number): void
  /** Drops every key that starts with `prefix`. */
  drop(prefix: string): void
  readonly bytes: number
}

export function makeByteCache<T>(bytesMax: number): ByteCache<T> {
  const kept = new Map<string, { readonly value: T; readonly bytes: number }>()
  let total = 0
  const remove = (key: string): void => {
    const entry = kept.get(key)
    if (!entry) return
    total -= entry.bytes
    kept.delete(key)
  }
  return {
    get bytes() {
      return total
    },
    get(key) {
      const entry = kept.get(key)
      if (!entry) return undefined
      // Moved to the end: a Map iterates in order of insertion, so the first key is the stalest.
      kept.delete(key)
      kept.set(key, entry)
      return entry.value
    },
    set(key, value, bytes) {
      remove(key)
      if (bytes > bytesMax) return
      kept.set(key, { value, bytes })
      total += bytes
      for (const stalest of kept.keys()) {
        if (total <= bytesMax) break
        remove(stalest)
      }
    },
    drop(prefix) {
      for (const key of kept.keys()) if (key.startsWith(prefix)) remove(key)
    },
  }
}
