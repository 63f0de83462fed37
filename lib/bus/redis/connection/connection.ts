/**
 * One connection to Redis that a dead link cannot hold: a watchdog swaps the
 * client when a command has waited too long, and every call is repeated on the
 * new one. So whatever is called must be safe to repeat: reads, and scripts that
 * are fenced or deduplicated.
 *
 * The client's own reconnecting is off: it queues commands out of sight, and a
 * blocked read is never timed out by it.
 */
import { setTimeout as sleep } from 'node:timers/promises'
import { ErrorReply } from 'redis'
import type { Log } from '../../../base/log.ts'
import { withoutPassword } from './address.ts'
import { Awake } from './awake.ts'
import { destroy, makeClient, type RedisClient } from './client.ts'
import { isPassing, isReply, isSpent } from './redis-errors.ts'
import { makeWhereabouts, type Whereabouts } from './server-finder.ts'

export type { RedisClient } from './client.ts'

const CONNECT_TIMEOUT_MS = 2000
const WATCHDOG_TICK_MS = 250
const PAUSE_BASE_MS = 25
const PAUSE_MAX_MS = 1000

/** How long a call goes on trying before it throws. */
export const RETRY_FOR_MS = 8000

export interface ConnectionOptions {
  /** As {@link parseAddress} reads it: one server, sentinels, or a cluster. */
  readonly url: string
  /** A command unanswered for so long means the link is dead. */
  readonly deadlineMs: number
  readonly log: Log
  /** Its commands are answered at once, never held back by the server: {@link Awake} may wait for them without sleeping. */
  readonly isPrompt?: boolean
  /** Called on each new connection before it is used. */
  readonly opened?: (client: RedisClient) => Promise<void>
}

export class Connection {
  readonly #options: ConnectionOptions
  readonly #whereabouts: Whereabouts
  readonly #waiting = new Map<symbol, number>()
  readonly #awake: Awake | undefined
  #client: RedisClient | undefined
  #opening: Promise<RedisClient> | undefined
  #watchdog: NodeJS.Timeout | undefined
  #closed = false

  constructor(options: ConnectionOptions) {
    this.#options = options
    this.#whereabouts = makeWhereabouts(options.url)
    this.#awake = options.isPrompt ? new Awake() : undefined
  }

  /** Runs `command`, again on a new connection if the old one fails, for up to `retryForMs`; then throws the last error. */
  async call<T>(command: (client: RedisClient) => Promise<T>, retryForMs = RETRY_FOR_MS): Promise<T> {
    const startMs = performance.now()
    for (let failures = 0; ; failures++) {
      try {
        return await this.#once(command)
      } catch (error) {
        if (this.#closed || !isPassing(error) || performance.now() - startMs >= retryForMs) throw error
        await sleep(Math.min(PAUSE_BASE_MS * 2 ** failures, PAUSE_MAX_MS))
      }
    }
  }

  /** Ends the connection at once; calls under way fail. */
  close(): void {
    this.#closed = true
    clearInterval(this.#watchdog)
    this.#client?.destroy()
    this.#client = undefined
  }

  async #once<T>(command: (client: RedisClient) => Promise<T>): Promise<T> {
    const client = this.#client ?? (await this.#open())
    const ticket = Symbol('call')
    const sentMs = performance.now()
    this.#waiting.set(ticket, sentMs)
    this.#awake?.begin(sentMs)
    try {
      return await command(client)
    } catch (error) {
      // Only the first to notice is heard: what the others meet is that the client was dropped.
      if (isSpent(error) && this.#client === client) {
        this.#drop(client)
        this.#whereabouts.hear(error)
      }
      throw error
    } finally {
      this.#waiting.delete(ticket)
      this.#awake?.end(sentMs)
    }
  }

  #open(): Promise<RedisClient> {
    if (this.#closed) throw new Error('the connection to Redis is closed')
    this.#opening ??= this.#connect().finally(() => {
      this.#opening = undefined
    })
    return this.#opening
  }

  async #connect(): Promise<RedisClient> {
    const url = await this.#whereabouts.find()
    const client = makeClient(url, CONNECT_TIMEOUT_MS)
    // Without a listener an error would end the process; the failed call carries it to whoever must know.
    client.on('error', (error: Error) => this.#options.log.debug('redis connection', { error: error.message }))
    const timer = setTimeout(() => destroy(client), CONNECT_TIMEOUT_MS + 500)
    try {
      await client.connect()
      await this.#whereabouts.check(client)
      await this.#options.opened?.(client)
    } catch (cause) {
      destroy(client)
      this.#whereabouts.hear(cause)
      throw connectError(url, cause)
    } finally {
      clearTimeout(timer)
    }
    if (this.#closed) {
      destroy(client)
      throw new Error('the connection to Redis is closed')
    }
    this.#client = client
    this.#watchdog ??= setInterval(() => this.#watch(), WATCHDOG_TICK_MS).unref()
    return client
  }

  #watch(): void {
    if (!this.#isOverdue()) return
    // When it was this process that was suspended, the answer is in the socket already: it is read before anything is decided.
    setImmediate(() => {
      if (!this.#isOverdue() || !this.#client) return
      this.#options.log.warn('redis does not answer; opening a new connection', { waitedMs: this.#options.deadlineMs })
      this.#drop(this.#client)
    })
  }

  #isOverdue(): boolean {
    // A map keeps the order of insertion, so the first has waited longest.
    const [oldestMs] = this.#waiting.values()
    return oldestMs !== undefined && performance.now() - oldestMs >= this.#options.deadlineMs
  }

  /** Ends `client` and fails what waits on it; the next call opens another. */
  #drop(client: RedisClient): void {
    if (this.#client === client) this.#client = undefined
    destroy(client)
  }
}

/** Refusals (a wrong password) are told apart from silence, and are not tried again. */
function connectError(url: string, cause: unknown): Error {
  const at = withoutPassword(url)
  if (isReply(cause) && /^(WRONGPASS|NOAUTH|NOPERM|ERR invalid password)/.test(cause.message)) {
    return new ErrorReply(`${cause.message} (Redis at ${at}: check the user and password in its address)`)
  }
  return new Error(`Redis does not answer at ${at}`, { cause })
}
