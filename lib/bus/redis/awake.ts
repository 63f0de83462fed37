/**
 * Stays awake for the moment a near server takes to answer. A process that goes
 * to sleep and is woken by its answer spends longer on that than on the answer:
 * a third of the time a settle takes, when Redis is on the same machine.
 *
 * It does so only when the answer before came at once, and never for longer than
 * that: a server that is far away, or busy, is waited for asleep, as is its wont.
 */

/** An answer that takes no longer than this is worth staying awake for. */
const NEAR_MS = 0.5

export class Awake {
  #waiting = 0
  #isNear = false
  #isTurning = false
  #untilMs = 0

  /** A command is about to be sent, at `nowMs`. */
  begin(nowMs: number): void {
    this.#waiting += 1
    this.#untilMs = nowMs + NEAR_MS
    if (!this.#isNear || this.#isTurning) return
    this.#isTurning = true
    setImmediate(this.#turn)
  }

  /** Its answer is here, or never comes. */
  end(sentMs: number): void {
    this.#waiting -= 1
    this.#isNear = performance.now() - sentMs <= NEAR_MS
  }

  /** One turn of the event loop, which looks for answers without waiting for them. */
  readonly #turn = (): void => {
    this.#isTurning = this.#waiting > 0 && performance.now() < this.#untilMs
    if (this.#isTurning) setImmediate(this.#turn)
  }
}
