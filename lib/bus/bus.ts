/**
 * The bus: publish, pull, settle.
 *
 *   B1. An event is in exactly one place: an inbox, the delayed set, or the dead letters, until it is settled.
 *   B2. A settle is atomic: acknowledge, guards, writes and posts happen together or not at all.
 *   B3. A settle is fenced: it does nothing unless the delivery is still leased to this consumer at this count.
 *   B4. Redelivery keeps the event's id and raises `deliveries`; a retry keeps the id and raises `attempt`.
 *   B5. A delivery whose worker died before (`deliveries` > 1) is handed out alone, by {@link Bus.claim}.
 *   B6. Due times and leases are judged by the server's clock only.
 */
import type { Permit } from '../base/permit.ts'
import type { BusEvent } from './event.ts'
import type { Followed, Follower } from './follow.ts'
import type { BusKeys } from './keys.ts'
import type { Keyspace } from './keyspace.ts'
import type { GuardFailure, Transaction } from './transaction.ts'

/** An event on its way to one function's inbox. */
export interface Post {
  /** The function whose inbox it goes to. */
  readonly to: string
  readonly event: BusEvent
  /** Due this long after the settle; 0 is now. */
  readonly delayMs: number
  /** 1 for a fresh event, one more for each retry. */
  readonly attempt: number
  /** When it first failed, ms since 1970 by the server's clock; `now` marks this settle as the first failure. */
  readonly firstFailureAt?: number | 'now' | undefined
  /** Published even if it was published before: for a replay, whose transaction says that it happens once. */
  readonly again?: boolean | undefined
}

/** One hand-out of an event to one worker. */
export interface Delivery {
  readonly function: string
  /** Where the bus keeps it: names the delivery, not the event. */
  readonly entryId: string
  /** How often it was handed out: more than 1 means a worker died holding it. */
  readonly deliveries: number
  readonly attempt: number
  readonly firstFailureAt?: number | undefined
  /** The record of its subject as it was when the event was taken, where the bus read it along with the event. */
  readonly record?: Readonly<Record<string, string>> | undefined
  /** The envelope; `undefined` when what came off the wire is not one ({@link Delivery.raw} then shows it). */
  readonly event: BusEvent | undefined
  readonly raw: string
  /** Aborts when the lease is lost: whatever the function still does, its settle will be fenced. */
  readonly signal: AbortSignal
}

export interface Settlement extends Transaction {
  readonly posts: readonly Post[]
}

/** `fenced`: the lease was lost, and nothing was written. A settle whose answer is lost is repeated, and then counts as `settled` when its delivery is gone. */
export type SettleResult = 'settled' | 'fenced' | GuardFailure

/** Lapsed leases the bus knows of: `released` were handed back, `suspects` died with their worker. */
export interface Lapsed {
  readonly released: boolean
  readonly suspects: boolean
}

export interface Bus {
  readonly keys: BusKeys
  readonly keyspace: Keyspace

  /** The server's clock, as last heard. */
  now(): Date

  /**
   * Posts events from outside a delivery. Publishing an event id again within an hour does nothing; when that holds for
   * all the posts, the transaction is not looked at either, and the answer is `settled`. Throws Refusal `busy` when the
   * transaction grows and the server is out of memory; so does {@link settle}.
   */
  publish(posts: readonly Post[], transaction?: Transaction): Promise<SettleResult>

  /**
   * Leases events to this consumer, at most `free` per function; waits until there are some, {@link wake} is called, or a
   * while has passed. One pull at a time. Throws when the server has been away for some seconds; pull again then.
   */
  pull(free: ReadonlyMap<string, number>): Promise<Delivery[]>

  /** Whether leases of these functions have lapsed. */
  lapsed(): Lapsed

  /** Takes over lapsed leases: all that were handed back or, with `alone`, one suspect. */
  claim(free: ReadonlyMap<string, number>, alone: boolean): Promise<Delivery[]>

  settle(delivery: Delivery, settlement: Settlement): Promise<SettleResult>

  /**
   * Renews the lease just before something that cannot be undone; `undefined` when it is no longer this consumer's, or when
   * the inbox holds the event twice and its other entry has been here first and is not settled. The permit lapses when no
   * renewal is known of for half a lease, however long this process was suspended meanwhile.
   */
  renew(delivery: Delivery): Promise<Permit | undefined>

  /** Renews the lease no more: whoever ran the delivery has failed without settling it. It lapses, and the event is run again. */
  abandon(delivery: Delivery): void

  /** Hears streams until closed, whatever happens to the connection: every entry once, in order within its stream. */
  follow(streams: readonly Followed[]): Follower

  /** Ends a {@link pull} that waits. */
  wake(): void

  /** Takes no more events than are held already: the worker is about to stop. Ends a pull that waits. */
  drain(): void

  /** Ends a waiting pull and hands every unsettled delivery back, with its delivery count as it was; their signals abort. */
  release(): Promise<void>
  close(): Promise<void>
}
