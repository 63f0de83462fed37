/** By what a host is told apart. */
export type HostKey = number | string

const NO_KEYS: ReadonlySet<HostKey> = new Set()

/**
 * The distinct hosts of a group of rows. By their keys, so that groups can be
 * joined without counting a host twice; or, where each host comes once only, by
 * their number alone, which costs a fraction.
 */
export class HostCount {
  #apart = 0
  readonly #keys: Set<HostKey> | undefined

  /** `byKey`: a host may be added again. */
  constructor(byKey: boolean) {
    this.#keys = byKey ? new Set() : undefined
  }

  get size(): number {
    return this.#apart + (this.#keys?.size ?? 0)
  }

  /** None where hosts are counted by their number alone. */
  get keys(): ReadonlySet<HostKey> {
    return this.#keys ?? NO_KEYS
  }

  add(key: HostKey): void {
    if (this.#keys) this.#keys.add(key)
    else this.#apart++
  }

  /** `isApart`: none of the others is among these, nor will be. */
  join(others: HostCount, isApart: boolean): void {
    if (isApart) this.#apart += others.size
    else for (const key of others.keys) this.add(key)
  }
}

/** How the hosts of one report are counted. */
export interface CountedHosts {
  /** Of each host, by its place in the report. */
  readonly keys: readonly HostKey[]
  readonly byKey: boolean
}

/** `unites`: their keys are wanted. Else each is counted once, as far as the rows of one host follow one another, and no two hosts are one. */
export function countedHosts(keys: readonly HostKey[], rows: Uint32Array, unites: boolean): CountedHosts {
  return { keys, byKey: unites || !isAscending(rows) || new Set(keys).size < keys.length }
}

const isAscending = (rows: Uint32Array): boolean => rows.every((host, row) => row === 0 || host >= rows[row - 1]!)
