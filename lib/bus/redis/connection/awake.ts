/**
 * Keeps the event loop turning while a near server answers, in place of sleeping
 * until the answer comes. To sleep and be woken takes longer than such an answer:
 * a third of the time of a settle, when Redis is on the same machine.
 *
 * It does so only in a run of commands that were all answered at once, and never
 * for longer than that. For a server that is far away or busy the process sleeps.
 * So it does for the first command after a pause: the system may have put the
 * server on the very processor that this process is about to leave.
 */

/** For an answer that takes no longer than this, the process does not sleep. */
const NEAR_MS = 0.5
/** A run ends when no command is sent for so long. */
const PAUSE_MS = 2
/** So many answers make a run. */
const RUN_MIN = 32

export class Awake {
  #waiting = 0
  #run = 0
  #isTurning = false
  #untilMs = 0
  #answeredMs = 0

  /** A command is about to be sent, at `nowMs`. */
  begin(nowMs: number): void {
    if (this.#waiting === 0 && nowMs - this.#answeredMs > PAUSE_MS) this.#run = 0
    this.#waiting += 1
    this.#untilMs = nowMs + NEAR_MS
    if (this.#run < RUN_MIN || this.#isTurning) return
    this.#isTurning = true
    setImmediate(this.#turn)
  }

  /** Its answer is here, or never comes. */
  end(sentMs: number): void {
    this.#waiting -= 1
    this.#answeredMs = performance.now()
    this.#run = this.#answeredMs - sentMs <= NEAR_MS ? this.#run + 1 : 0
  }

  /** One turn of the event loop, which looks for answers without waiting for them. */
  readonly #turn = (): void => {
    this.#isTurning = this.#waiting > 0 && performance.now() < this.#untilMs
    if (this.#isTurning) setImmediate(this.#turn)
  }
}
