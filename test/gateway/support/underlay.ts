/** What the gateways and workers of a world share: a Redis, or this process's memory. */
import { randomUUID } from 'node:crypto'
import { makeSessionStore } from '../../../infra/redis/session-store.ts'
import type { Bus } from '../../../lib/bus/bus.ts'
import { MemoryBus, MemoryServer } from '../../../lib/bus/memory/memory-bus.ts'
import { RedisBus } from '../../../lib/bus/redis/redis-bus.ts'
import type { SessionBounds, SessionStore } from '../../../lib/gateway/sessions/session-store.ts'
import { makeMemorySessionStore } from './memory-session-store.ts'

/** A bus on which a worker can say what it hosts. */
export interface HostingBus extends Bus {
  host(functions: readonly string[]): Promise<void>
}

export interface Underlay<B extends HostingBus = HostingBus> {
  /** A bus of its own for one more gateway or worker. */
  connect(leaseMs?: number): B
  store(bus: B, bounds: SessionBounds & { readonly makeId: () => string }): SessionStore
  /** Somebody said at that time that it hosts a function; with `undefined` nobody ever did. */
  hosts(bus: B, name: string, saidMs: number | undefined): Promise<unknown>
  /** Appends to a stream, as a settle does. */
  append(bus: B, key: string, fields: Readonly<Record<string, string>>): Promise<unknown>
}

export function onRedis(url: string, name: string): Underlay<RedisBus> {
  return {
    connect: (leaseMs) =>
      new RedisBus({ url, name, consumer: randomUUID(), ...(leaseMs !== undefined && { leaseMs }) }),
    store: ({ connection, keys }, bounds) => makeSessionStore({ connection, prefix: keys.prefix, ...bounds }),
    hosts: ({ connection, keys }, name, saidMs) =>
      connection.call<unknown>((client) =>
        saidMs === undefined
          ? client.del(keys.hosting(name))
          : client.zAdd(keys.hosting(name), { value: 'somebody', score: saidMs }),
      ),
    append: ({ connection }, key, fields) => connection.call((client) => client.xAdd(key, '*', { ...fields })),
  }
}

/** Longer than any test: nothing renews a lease here. */
const LEASE_MS = 600_000
const WAIT_MS = 1000

export function inMemory(): Underlay {
  const server = new MemoryServer({ now: Date.now, leaseMs: LEASE_MS, waitMs: WAIT_MS })
  let store: SessionStore | undefined
  return {
    connect: () => new HostingMemoryBus(server, randomUUID()),
    store: (_bus, bounds) => (store ??= makeMemorySessionStore({ server, ...bounds })),
    async hosts({ keys }, name, saidMs) {
      const key = keys.hosting(name)
      server.keyspace.apply(saidMs === undefined ? ['DEL', key] : ['ZADD', key, String(saidMs), 'somebody'])
    },
    async append(_bus, key, fields) {
      server.keyspace.apply(['XADD', key, 'MAXLEN', '~', '1000', '*', ...Object.entries(fields).flat()])
    },
  }
}

class HostingMemoryBus extends MemoryBus implements HostingBus {
  #hosted: readonly string[] = []

  async host(functions: readonly string[]): Promise<void> {
    this.#hosted = functions
    // It does not say so again: it is there as long as a test may take.
    const untilMs = String(Date.now() + LEASE_MS)
    for (const name of functions) this.keyspace.apply(['ZADD', this.keys.hosting(name), untilMs, randomUUID()])
  }

  override async release(): Promise<void> {
    for (const name of this.#hosted) this.keyspace.apply(['DEL', this.keys.hosting(name)])
    await super.release()
  }
}
