/** An answer that was long under way says little of when it was given. */
const READING_MAX_MS = 200

/** The server's clock, as last heard: leases and due times are judged by it, and so is what we write of times. */
export class ServerClock {
  #aheadMs = 0
  #isSet = false

  now(): Date {
    return new Date(Date.now() + this.#aheadMs)
  }

  /** Takes the server's time, asked for at `askedMs` by our clock: it was read about halfway between then and now. */
  hear(serverMs: number, askedMs: number): void {
    if (this.#isSet && Date.now() - askedMs > READING_MAX_MS) return
    this.#isSet = true
    this.#aheadMs = serverMs - (askedMs + Date.now()) / 2
  }
}
