/** A {@link Bus} in this process's memory, under a clock of the caller's: for tests and the simulation. */
import { silentLog } from '../../base/log.ts'
import { type Permit, PermitLapsed } from '../../base/permit.ts'
import type { Bus, Delivery, Lapsed, Post, SettleResult, Settlement } from '../bus.ts'
import { toDelivery } from '../delivery.ts'
import type { Followed, Follower } from '../follow.ts'
import { busKeys } from '../keys.ts'
import type { Guard, Transaction, Write } from '../transaction.ts'
import { followInMemory } from './memory-follower.ts'
import { MemoryKeyspace } from './memory-keyspace.ts'

interface Lease {
  consumer: string
  untilMs: number
  deliveries: number
  abort: AbortController
}

const REMEMBER_MS = 3_600_000

/** What several consumers share: the stand-in for one Redis server. */
export class MemoryServer {
  readonly keys = busKeys('memory')
  readonly leases = new Map<string, Lease>()
  /** Which entry acts for an event. */
  readonly acting = new Map<string, { entryId: string; untilMs: number }>()
  readonly keyspace: MemoryKeyspace
  readonly leaseMs: number
  readonly waitMs: number
  readonly now: () => number
  readonly #delayed = new Map<string, { dueMs: number; post: Post }>()

  /** A pull that finds nothing waits for `waitMs` of real time, as a server's does; 0, the default, leaves that to the caller. */
  constructor(options: { now: () => number; leaseMs: number; waitMs?: number }) {
    this.now = options.now
    this.leaseMs = options.leaseMs
    this.waitMs = options.waitMs ?? 0
    this.keyspace = new MemoryKeyspace(options.now)
  }

  /** A bus for one consumer. */
  bus(consumer: string): MemoryBus {
    return new MemoryBus(this, consumer)
  }

  /** Events not yet due, for tests. */
  delayed(): Post[] {
    return [...this.#delayed.values()].map(({ post }) => post)
  }

  commit(transaction: Transaction, posts: readonly Post[]): SettleResult {
    const refused = transaction.guards.find((guard: Guard) => !this.keyspace.holds(guard))
    if (refused) return refused.else
    for (const write of transaction.writes) this.keyspace.apply(write)
    for (const post of posts) this.post(post)
    return 'settled'
  }

  post(post: Post): void {
    const firstFailureAt = post.firstFailureAt === 'now' ? this.now() : post.firstFailureAt
    const stamped = { ...post, firstFailureAt }
    if (post.delayMs > 0) {
      const member = `${post.event.id}@${post.to}`
      const dueMs = this.now() + post.delayMs
      this.#delayed.set(member, { dueMs, post: stamped })
      this.keyspace.apply(['ZADD', this.keys.delayed, String(dueMs), member])
      return
    }
    const fields = ['id', post.event.id, 'a', String(post.attempt), 'e', JSON.stringify(post.event)]
    if (firstFailureAt !== undefined) fields.push('f', String(firstFailureAt))
    this.keyspace.apply(['XADD', this.keys.inbox(post.to), '*', ...fields])
  }

  promote(): void {
    for (const [member, { dueMs, post }] of this.#delayed) {
      if (dueMs > this.now()) continue
      this.#delayed.delete(member)
      this.keyspace.apply(['ZREM', this.keys.delayed, member])
      this.post({ ...post, delayMs: 0 })
    }
  }
}

export class MemoryBus implements Bus {
  readonly keys
  readonly keyspace
  readonly #server: MemoryServer
  readonly #consumer: string
  readonly #functions = new Set<string>()
  #isDrained = false
  #wake = () => {}

  constructor(server: MemoryServer, consumer: string) {
    this.#server = server
    this.#consumer = consumer
    this.keys = server.keys
    this.keyspace = server.keyspace
  }

  now(): Date {
    return new Date(this.#server.now())
  }

  async publish(posts: readonly Post[], transaction: Transaction = { guards: [], writes: [] }): Promise<SettleResult> {
    const seen = ({ event, to }: Post) => this.keys.seen(event.id, to)
    const isNew = (post: Post) => this.#server.keyspace.holds({ if: 'absent', key: seen(post), else: 'stale' })
    const fresh = posts.filter((post) => post.again || isNew(post))
    if (posts.length > 0 && fresh.length === 0) return 'settled'
    const marks = fresh
      .filter(({ again }) => !again)
      .map((post): Write => ['SET', seen(post), '1', 'PX', String(REMEMBER_MS)])
    return this.#server.commit({ guards: transaction.guards, writes: [...transaction.writes, ...marks] }, fresh)
  }

  async pull(free: ReadonlyMap<string, number>): Promise<Delivery[]> {
    const taken = this.#take(free)
    if (taken.length > 0 || this.#server.waitMs === 0) return taken
    await this.#something()
    return this.#isDrained ? [] : this.#take(free)
  }

  #take(free: ReadonlyMap<string, number>): Delivery[] {
    this.#server.promote()
    const out: Delivery[] = []
    for (const [name, room] of free) {
      this.#functions.add(name)
      const entries = this.#server.keyspace.stream(this.keys.inbox(name))
      const fresh = entries.filter(({ id }) => !this.#server.leases.has(`${name} ${id}`)).slice(0, room)
      for (const { id } of fresh) out.push(this.#lease(name, id, 1))
    }
    return out
  }

  lapsed(): Lapsed {
    const lapsed = this.#lapsedLeases()
    return {
      released: lapsed.some(({ deliveries }) => deliveries === 0),
      suspects: lapsed.some(({ deliveries }) => deliveries > 0),
    }
  }

  async claim(free: ReadonlyMap<string, number>, alone: boolean): Promise<Delivery[]> {
    const mine = this.#lapsedLeases().filter(({ name }) => (free.get(name) ?? 0) > 0)
    const wanted = alone
      ? mine.filter(({ deliveries }) => deliveries > 0).slice(0, 1)
      : mine.filter(({ deliveries }) => deliveries === 0)
    const room = new Map(free)
    return wanted.flatMap(({ name, id, deliveries }) => {
      const left = room.get(name) ?? 0
      room.set(name, left - 1)
      return left > 0 ? [this.#lease(name, id, deliveries + 1)] : []
    })
  }

  async settle(delivery: Delivery, settlement: Settlement): Promise<SettleResult> {
    const member = `${delivery.function} ${delivery.entryId}`
    if (!this.#holds(delivery)) return 'fenced'
    const result = this.#server.commit(settlement, settlement.posts)
    if (result !== 'settled') return result
    this.#server.leases.delete(member)
    if (this.#server.acting.get(actingName(delivery))?.entryId === delivery.entryId) {
      this.#server.acting.delete(actingName(delivery))
    }
    this.#server.keyspace.apply(['XDEL', this.keys.inbox(delivery.function), delivery.entryId])
    return 'settled'
  }

  async renew(delivery: Delivery): Promise<Permit | undefined> {
    const { acting, leaseMs, now } = this.#server
    const name = actingName(delivery)
    const actor = acting.get(name)
    const isOther = actor !== undefined && actor.entryId !== delivery.entryId && actor.untilMs > now()
    if (!this.#holds(delivery) || isOther) return undefined
    acting.set(name, { entryId: delivery.entryId, untilMs: now() + leaseMs })
    const lapsesMs = now() + leaseMs / 2
    return () => {
      if (!this.#holds(delivery) || now() >= lapsesMs) throw new PermitLapsed('the lease may be lost')
    }
  }

  /** Nothing renews a lease here. */
  abandon(): void {}

  follow(streams: readonly Followed[]): Follower {
    return followInMemory(this.keyspace, streams, silentLog)
  }

  wake(): void {
    this.#wake()
  }

  drain(): void {
    this.#isDrained = true
    this.#wake()
  }

  async release(): Promise<void> {
    for (const lease of this.#server.leases.values()) {
      if (lease.consumer !== this.#consumer) continue
      lease.untilMs = -Infinity
      lease.deliveries -= 1
      lease.consumer = 'released'
      lease.abort.abort(new Error('the delivery was handed back'))
    }
  }

  async close(): Promise<void> {
    await this.release()
  }

  /** Resolves when something was appended, when it is woken, and after a while in any case. */
  async #something(): Promise<void> {
    if (this.#isDrained) return
    await new Promise<void>((resolve) => {
      const end = () => {
        clearTimeout(timer)
        ignore()
        resolve()
      }
      const timer = setTimeout(end, this.#server.waitMs)
      const ignore = this.keyspace.onAppend(end)
      this.#wake = end
    })
  }

  #holds(delivery: Delivery): boolean {
    const lease = this.#server.leases.get(`${delivery.function} ${delivery.entryId}`)
    return lease?.consumer === this.#consumer && lease.deliveries === delivery.deliveries
  }

  #lapsedLeases(): { name: string; id: string; deliveries: number }[] {
    const out = []
    for (const [member, { untilMs, deliveries }] of this.#server.leases) {
      const [name = '', id = ''] = member.split(' ')
      if (untilMs <= this.#server.now() && this.#functions.has(name)) out.push({ name, id, deliveries })
    }
    return out
  }

  #lease(name: string, id: string, deliveries: number): Delivery {
    const untilMs = this.#server.now() + this.#server.leaseMs
    const abort = new AbortController()
    this.#server.leases.get(`${name} ${id}`)?.abort.abort(new Error('the lease was lost'))
    this.#server.leases.set(`${name} ${id}`, { consumer: this.#consumer, untilMs, deliveries, abort })
    const fields = this.#server.keyspace.stream(this.keys.inbox(name)).find((entry) => entry.id === id)!.fields
    return toDelivery(name, { entryId: id, fields }, deliveries, abort)
  }
}

function actingName({ function: name, event, entryId }: Delivery): string {
  return `${event?.id ?? entryId}@${name}`
}
