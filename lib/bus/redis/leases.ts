/**
 * The deliveries this process holds. Their leases are renewed while they are
 * held, and their signals abort when that fails.
 */
import type { Log } from '../../base/log.ts'
import { type Permit, PermitLapsed } from '../../base/permit.ts'
import type { Delivery } from '../bus.ts'
import { toDelivery } from '../delivery.ts'
import { GROUP, type BusKeys } from '../keys.ts'
import type { Keyspace } from '../keyspace.ts'
import type { Write } from '../transaction.ts'
import type { Connection } from './connection/connection.ts'
import { BEAT } from './scripts/lease-scripts.ts'
import type { InboxEntry } from './scripts/take-script.ts'

/** Leases renewed by one script: a longer one would keep others waiting. */
const BEAT_MAX = 500

interface Held {
  readonly delivery: Delivery
  readonly lease: AbortController
  /** When the last renewal that got through was sent, by a clock that goes on while the process is suspended. */
  renewedMs: number
  /** The key by which its event acts alone, from the first {@link Leases.renew} on; '' before. */
  acting: string
}

interface LeasesOptions {
  readonly connection: Connection
  readonly keyspace: Keyspace
  readonly keys: BusKeys
  readonly consumer: string
  readonly leaseMs: number
  readonly log: Log
}

export class Leases {
  readonly #options: LeasesOptions
  readonly #held = new Map<string, Held>()

  constructor(options: LeasesOptions) {
    this.#options = options
  }

  hold(entry: InboxEntry, deliveries: number): Delivery {
    const lease = new AbortController()
    const name = entry.key.slice(this.#options.keys.inbox('').length)
    const delivery = toDelivery(name, entry, deliveries, lease)
    const member = memberOf(delivery)
    // A process that was suspended may take over from itself.
    this.#held.get(member)?.lease.abort(new Error('the lease was lost'))
    this.#held.set(member, { delivery, lease, renewedMs: -Infinity, acting: '' })
    return delivery
  }

  /** Whether it was still held; a later hand-out of the same entry is left alone. */
  forget(delivery: Delivery): boolean {
    const member = memberOf(delivery)
    if (this.#held.get(member)?.delivery !== delivery) return false
    return this.#held.delete(member)
  }

  /** Renews it no more; its signal aborts. */
  abandon(delivery: Delivery): void {
    const held = this.#held.get(memberOf(delivery))
    if (this.forget(delivery)) held?.lease.abort(new Error('the delivery was left to its lease'))
  }

  /** Forgets all of them; their signals abort. */
  abandonAll(reason: Error): void {
    for (const { lease } of this.#held.values()) lease.abort(reason)
    this.#held.clear()
  }

  /** What settling a delivery also writes: its event need not act alone any more. */
  endOf(delivery: Delivery): Write[] {
    const held = this.#held.get(memberOf(delivery))
    return held?.delivery === delivery && held.acting !== '' ? [['DEL', held.acting]] : []
  }

  /** Renews one lease; see {@link Bus.renew}. */
  async renew(delivery: Delivery): Promise<Permit | undefined> {
    const held = this.#held.get(memberOf(delivery))
    if (held?.delivery !== delivery) return undefined
    const before = held.acting
    held.acting = this.#options.keys.acting(delivery.event?.id ?? delivery.entryId, delivery.function)
    if ((await this.#beat([held])).length > 0) {
      held.acting = before
      return undefined
    }
    const goodForMs = this.#options.leaseMs / 2
    return () => {
      const agoMs = performance.now() - held.renewedMs
      if (agoMs < goodForMs) return
      throw new PermitLapsed(`not done: its lease was last renewed ${Math.round(agoMs)} ms ago, and may be another's`)
    }
  }

  /** Renews every lease, and forgets those that are lost. */
  async renewAll(): Promise<void> {
    const held = [...this.#held.values()]
    for (let i = 0; i < held.length; i += BEAT_MAX) {
      for (const { delivery, lease } of await this.#beat(held.slice(i, i + BEAT_MAX))) {
        if (!this.forget(delivery)) continue
        // An entry that is gone was settled while its lease was being renewed, most likely by ourselves.
        if (await this.exists(delivery)) {
          this.#options.log.warn('lease lost', { function: delivery.function, id: delivery.event?.id })
        }
        lease.abort(new Error('the lease was lost'))
      }
    }
  }

  /** Whether the entry is still in its inbox, whoever holds it. */
  async exists({ function: name, entryId }: Delivery): Promise<boolean> {
    const { keyspace, keys } = this.#options
    return (await keyspace.entries(keys.inbox(name), entryId, 1))[0]?.id === entryId
  }

  /** Renews these; answers those that are lost. */
  async #beat(held: readonly Held[]): Promise<Held[]> {
    const { connection, consumer, keys, leaseMs } = this.#options
    const inboxes = held.map(({ delivery }) => keys.inbox(delivery.function))
    const leases = held.flatMap(({ delivery, acting }) => [delivery.entryId, String(delivery.deliveries), acting])
    const args = [GROUP, consumer, String(leaseMs), ...leases]
    let sentMs = 0
    const reply = await connection.call((client) => {
      sentMs = performance.now()
      return BEAT.run(client, inboxes, args)
    })
    const lost = (reply as number[]).map((n) => held[n - 1]!)
    for (const each of held) each.renewedMs = lost.includes(each) ? -Infinity : sentMs
    return lost
  }
}

function memberOf({ function: name, entryId }: Delivery): string {
  return `${name} ${entryId}`
}
