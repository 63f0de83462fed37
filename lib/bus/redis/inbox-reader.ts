/** Reads new events from many inboxes through one blocked XREADGROUP, never more than there is room for. */
import type { Log } from '../../base/log.ts'
import { GROUP } from '../keys.ts'
import { Connection, type RedisClient } from './connection.ts'

/** How long one read blocks: the longest that a {@link InboxReader.wake} lost in a race can delay. */
const BLOCK_MS = 2000

/** One stream entry as read, not yet looked at. */
export interface InboxEntry {
  readonly key: string
  readonly entryId: string
  readonly fields: Readonly<Record<string, string>>
}

export class InboxReader {
  readonly #connection: Connection
  readonly #commands: Connection
  readonly #consumer: string
  readonly #grouped = new Set<string>()
  readonly #ids = new WeakMap<RedisClient, Promise<number>>()
  #woken = false
  #blocked: Promise<number> | undefined

  constructor(options: { url: string; commands: Connection; consumer: string; deadlineMs: number; log: Log }) {
    const { url, deadlineMs, log } = options
    this.#connection = new Connection({ url, deadlineMs: BLOCK_MS + deadlineMs, log })
    this.#commands = options.commands
    this.#consumer = options.consumer
  }

  /** `room` is how many entries to take at most from each inbox, by key. */
  async read(room: ReadonlyMap<string, number>): Promise<InboxEntry[]> {
    const keys = [...room.keys()]
    await this.#join(keys)
    try {
      const count = Math.min(...room.values())
      const first = await this.#readBlocked(keys, count)
      const full = keys.filter((key) => room.get(key)! > count && first.filter((e) => e.key === key).length >= count)
      // COUNT is the same for every inbox of one read; those that may hold more are read again by themselves.
      const more = await Promise.all(full.map((key) => this.#readNow([key], room.get(key)! - count)))
      return [...first, ...more.flat()]
    } catch (error) {
      // Somebody deleted a stream or flushed the server: the groups must be made again.
      if (!(error instanceof Error) || !/^(NOGROUP|UNBLOCKED)/.test(error.message)) throw error
      this.#grouped.clear()
      return []
    }
  }

  /** Ends the read that is blocked, or keeps the next one from blocking. */
  wake(): void {
    if (this.#woken) return
    this.#woken = true
    this.#blocked
      ?.then((id) => this.#commands.call((client) => client.sendCommand(['CLIENT', 'UNBLOCK', String(id)])))
      .catch(() => {})
  }

  close(): void {
    this.#connection.close()
  }

  async #readBlocked(keys: string[], count: number): Promise<InboxEntry[]> {
    if (this.#woken) {
      this.#woken = false
      return this.#readNow(keys, count)
    }
    const entries = await this.#connection.call((client) => {
      this.#blocked = this.#idOf(client)
      return this.#xReadGroup(client, keys, { COUNT: count, BLOCK: BLOCK_MS })
    })
    this.#blocked = undefined
    this.#woken = false
    return entries
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
