/**
 * Reads new events from many inboxes through one blocked XREADGROUP, never more
 * than there is room for. One read at a time.
 */
import { setTimeout as sleep } from 'node:timers/promises'
import type { Log } from '../../base/log.ts'
import { GROUP } from '../keys.ts'
import { Connection, type RedisClient } from './connection/connection.ts'
import { type InboxEntry, TAKE, takenEntry, type TakenRow } from './scripts/take-script.ts'

/** How long one read waits at most. */
const BLOCK_MS = 2000
/** How long after an unblocking that came too early the next is sent. */
const UNBLOCK_AGAIN_MS = 5

export class InboxReader {
  readonly #connection: Connection
  readonly #commands: Connection
  readonly #consumer: string
  readonly #grouped = new Set<string>()
  readonly #ids = new WeakMap<RedisClient, Promise<number>>()
  /** Set by {@link wake}, spent by the read that it keeps from waiting. */
  #woken = false
  /** The read that may be waiting at the server: its connection's id there. */
  #blocked: { readonly id: Promise<number> } | undefined
  #endIdling: (() => void) | undefined
  #reading: Promise<unknown> = Promise.resolve()
  readonly #recordPrefix: string
  /** The last read found something: there may be more, to be taken without waiting. */
  #busy = false

  constructor(options: {
    url: string
    commands: Connection
    consumer: string
    recordPrefix: string
    deadlineMs: number
    log: Log
  }) {
    const { url, deadlineMs, log } = options
    this.#connection = new Connection({ url, deadlineMs: BLOCK_MS + deadlineMs, log })
    this.#commands = options.commands
    this.#consumer = options.consumer
    this.#recordPrefix = options.recordPrefix
  }

  /** `room` is how many entries to take at most from each inbox, by key. Waits a while when there is room nowhere, or nothing to read. */
  read(room: ReadonlyMap<string, number>): Promise<InboxEntry[]> {
    const keys = [...room.keys()].filter((key) => room.get(key)! > 0)
    const reading = keys.length === 0 ? this.#idle() : this.#read(keys, room)
    this.#reading = reading.catch(() => {})
    return reading
  }

  /** Ends the read that is waiting, or keeps the next one from it. */
  wake(): void {
    this.#endIdling?.()
    if (this.#woken) return
    this.#woken = true
    if (this.#blocked) this.#unblock(this.#blocked).catch(() => {})
  }

  /** Ends the read under way, if there is one, and waits until it has ended. */
  async pause(): Promise<void> {
    this.wake()
    await this.#reading
  }

  close(): void {
    this.#endIdling?.()
    this.#connection.close()
  }

  async #read(keys: string[], room: ReadonlyMap<string, number>): Promise<InboxEntry[]> {
    await this.#join(keys)
    if (this.#busy) {
      const taken = await this.#take(keys, room)
      if (taken.length > 0) return taken
    }
    try {
      const count = Math.min(...keys.map((key) => room.get(key)!))
      const first = await this.#readBlocked(keys, count)
      const full = keys.filter((key) => room.get(key)! > count && first.filter((e) => e.key === key).length >= count)
      // COUNT is the same for every inbox of one read; those that may hold more are read again by themselves. What was
      // read already is leased to us, so a failure here must not lose it.
      const more = await Promise.all(full.map((key) => this.#readNow([key], room.get(key)! - count).catch(() => [])))
      this.#busy = first.length > 0
      return [...first, ...more.flat()]
    } catch (error) {
      // Somebody deleted a stream or flushed the server: the groups must be made again.
      if (!(error instanceof Error) || !/^(NOGROUP|UNBLOCKED)/.test(error.message)) throw error
      this.#grouped.clear()
      return []
    }
  }

  async #take(keys: string[], room: ReadonlyMap<string, number>): Promise<InboxEntry[]> {
    const args = [GROUP, this.#consumer, this.#recordPrefix, ...keys.map((key) => String(room.get(key)))]
    const rows = (await this.#connection.call((client) => TAKE.run(client, keys, args))) as TakenRow[]
    return rows.map((row) => takenEntry(keys, row))
  }

  async #readBlocked(keys: string[], count: number): Promise<InboxEntry[]> {
    try {
      return await this.#connection.call((client) => {
        // Asked here, not before: a wake may come while a connection is being opened.
        if (this.#woken) return this.#xReadGroup(client, keys, { COUNT: count })
        this.#blocked = { id: this.#idOf(client) }
        return this.#xReadGroup(client, keys, { COUNT: count, BLOCK: BLOCK_MS })
      })
    } finally {
      this.#blocked = undefined
      this.#woken = false
    }
  }

  /** CLIENT UNBLOCK overtakes the read when the two connections are served in that order; then it is sent again. */
  async #unblock(read: { readonly id: Promise<number> }): Promise<void> {
    const id = String(await read.id)
    while (this.#blocked === read) {
      const ended = await this.#commands.call((client) => client.sendCommand(['CLIENT', 'UNBLOCK', id]))
      if (Number(ended) === 1) return
      await sleep(UNBLOCK_AGAIN_MS)
    }
  }

  /** Nothing to read: waits to be woken. */
  async #idle(): Promise<InboxEntry[]> {
    if (!this.#woken) {
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, BLOCK_MS)
        this.#endIdling = () => {
          clearTimeout(timer)
          resolve()
        }
      })
    }
    this.#endIdling = undefined
    this.#woken = false
    return []
  }

  /** The server's name for our connection, by which CLIENT UNBLOCK finds the read. Asked once: it travels ahead of the first read. */
  #idOf(client: RedisClient): Promise<number> {
    const known = this.#ids.get(client)
    if (known) return known
    const id = client.sendCommand(['CLIENT', 'ID']).then(Number)
    id.catch(() => {})
    this.#ids.set(client, id)
    return id
  }

  #readNow(keys: string[], count: number): Promise<InboxEntry[]> {
    return this.#connection.call((client) => this.#xReadGroup(client, keys, { COUNT: count }))
  }

  async #xReadGroup(
    client: RedisClient,
    keys: string[],
    options: { COUNT: number; BLOCK?: number },
  ): Promise<InboxEntry[]> {
    const streams = keys.map((key) => ({ key, id: '>' }))
    const reply = (await client.xReadGroup(GROUP, this.#consumer, streams, options)) as
      | { name: string; messages: { id: string; message: Record<string, string> }[] }[]
      | null
    return (reply ?? []).flatMap(({ name, messages }) =>
      messages.map(({ id, message }) => ({ key: name, entryId: id, fields: message })),
    )
  }

  /** Makes the group of each inbox that lacks one, from its very first entry, so that nothing posted earlier is missed. */
  async #join(keys: readonly string[]): Promise<void> {
    const missing = keys.filter((key) => !this.#grouped.has(key))
    await Promise.all(missing.map((key) => this.#commands.call((client) => createGroup(client, key))))
    for (const key of missing) this.#grouped.add(key)
  }
}

async function createGroup(client: RedisClient, key: string): Promise<void> {
  try {
    await client.xGroupCreate(key, GROUP, '0', { MKSTREAM: true })
  } catch (error) {
    if (!(error instanceof Error) || !error.message.startsWith('BUSYGROUP')) throw error
  }
}
