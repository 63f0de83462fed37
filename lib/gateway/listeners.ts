/** Who listens to what, by key, within this process. */
export interface Listeners<T> {
  /** Returns what ends it. */
  add(key: string, listener: Listener<T>): () => void
  /** Tells all who listen to `key`; whether one of them says that it was meant. */
  tell(key: string, value: T): boolean
}

export type Listener<T> = (value: T) => boolean | void

export function makeListeners<T>(): Listeners<T> {
  const byKey = new Map<string, Set<Listener<T>>>()
  return {
    add(key, listener) {
      const own = byKey.get(key) ?? new Set()
      byKey.set(key, own.add(listener))
      return () => {
        own.delete(listener)
        if (own.size === 0 && byKey.get(key) === own) byKey.delete(key)
      }
    },

    tell(key, value) {
      let meant = false
      for (const listener of byKey.get(key) ?? []) if (listener(value) === true) meant = true
      return meant
    },
  }
}
