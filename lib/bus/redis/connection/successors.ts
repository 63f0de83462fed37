/**
 * What settles bring along: while a function is as busy as it may be, settling
 * one of its events takes the next one in the same round trip. The room is the
 * one just freed, so this is never more than there is room for. Answers so come
 * one by one, and the server settles while functions run; one read for all that
 * is free would have each wait for the other.
 */
import type { Delivery } from '../../bus.ts'

export class Successors {
  /** Functions whose last pull left them no room. */
  readonly #full = new Set<string>()
  #waiting: Delivery[] = []
  #ended = false

  /** Whether the settle of an event of this function may take the next one. */
  wanted(functionName: string): boolean {
    return !this.#ended && this.#full.has(functionName)
  }

  add(delivery: Delivery): void {
    this.#waiting.push(delivery)
  }

  /** Hands out those for which there is room. */
  take(free: ReadonlyMap<string, number>): Delivery[] {
    if (this.#waiting.length === 0) return []
    const left = new Map(free)
    const [out, kept]: [Delivery[], Delivery[]] = [[], []]
    for (const delivery of this.#waiting) {
      const room = left.get(delivery.function) ?? 0
      left.set(delivery.function, room - 1)
      ;(room > 0 ? out : kept).push(delivery)
    }
    this.#waiting = kept
    return out
  }

  /** Notes which functions a pull has filled up. */
  pulled(free: ReadonlyMap<string, number>, deliveries: readonly Delivery[]): void {
    for (const [name, room] of free) {
      const got = deliveries.filter((each) => each.function === name).length
      if (got >= room) this.#full.add(name)
      else this.#full.delete(name)
    }
  }

  /** Nothing is taken along any more. */
  end(): void {
    this.#ended = true
  }
}
