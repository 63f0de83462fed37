/** The reading side of the store on Redis. */
import { NOT_A_HASH, type Keyspace, type StreamEntry } from '../keyspace.ts'
import type { Connection, RedisClient } from './connection/connection.ts'

const BATCH_MAX = 500

export class RedisKeyspace implements Keyspace {
  readonly #connection: Connection

  constructor(connection: Connection) {
    this.#connection = connection
  }

  async get(key: string): Promise<string | undefined> {
    return (await this.#connection.call((client) => client.get(key))) ?? undefined
  }

  hash(key: string): Promise<Record<string, string>> {
    return this.#connection.call((client) => hashOf(client, key))
  }

  async field(key: string, name: string): Promise<string | undefined> {
    return (await this.#connection.call((client) => client.hGet(key, name))) ?? undefined
  }

  async fields(key: string, names: readonly string[]): Promise<(string | undefined)[]> {
    const out: (string | undefined)[] = []
    for (let i = 0; i < names.length; i += BATCH_MAX) {
      const batch = names.slice(i, i + BATCH_MAX)
      const values = await this.#connection.call((client) => client.hmGet(key, batch))
      out.push(...values.map((value) => value ?? undefined))
    }
    return out
  }

  fieldNames(key: string): Promise<string[]> {
    return this.#connection.call((client) => client.hKeys(key))
  }

  async hashes(keys: readonly string[]): Promise<Record<string, string>[]> {
    const out: Record<string, string>[] = []
    for (let i = 0; i < keys.length; i += BATCH_MAX) {
      const batch = keys.slice(i, i + BATCH_MAX)
      // Calls made together travel together: the client pipelines them.
      out.push(...(await this.#connection.call((client) => Promise.all(batch.map((key) => hashOf(client, key))))))
    }
    return out
  }

  members(key: string): Promise<string[]> {
    return this.#connection.call((client) => client.sMembers(key))
  }

  size(key: string): Promise<number> {
    return this.#connection.call((client) => client.sCard(key))
  }

  range(key: string, start: number, stop: number, options: { reverse?: boolean } = {}): Promise<string[]> {
    return this.#connection.call((client) => client.zRange(key, start, stop, options.reverse ? { REV: true } : {}))
  }

  async ranked(key: string, start: number, stop: number): Promise<{ member: string; score: number }[]> {
    const rows = await this.#connection.call((client) => client.zRangeWithScores(key, start, stop))
    return rows.map(({ value, score }) => ({ member: value, score }))
  }

  upTo(key: string, max: number, limit: number): Promise<string[]> {
    return this.#connection.call((client) =>
      client.zRangeByScore(key, '-inf', max, { LIMIT: { offset: 0, count: limit } }),
    )
  }

  async rank(key: string, member: string): Promise<number | undefined> {
    return (await this.#connection.call((client) => client.zRank(key, member))) ?? undefined
  }

  async score(key: string, member: string): Promise<number | undefined> {
    return (await this.#connection.call((client) => client.zScore(key, member))) ?? undefined
  }

  count(key: string, below?: number): Promise<number> {
    return this.#connection.call((client) =>
      below === undefined ? client.zCard(key) : client.zCount(key, '-inf', `(${below}`),
    )
  }

  async entries(key: string, start: string, limit: number): Promise<StreamEntry[]> {
    const rows = await this.#connection.call((client) => client.xRange(key, start, '+', { COUNT: limit }))
    return (rows ?? []).map(toEntry)
  }

  async newest(key: string): Promise<StreamEntry | undefined> {
    const rows = await this.#connection.call((client) => client.xRevRange(key, '+', '-', { COUNT: 1 }))
    return rows?.[0] && toEntry(rows[0])
  }

  length(key: string): Promise<number> {
    return this.#connection.call((client) => client.xLen(key))
  }
}

function toEntry({ id, message }: { readonly id: unknown; readonly message: object }): StreamEntry {
  return { id: String(id), fields: { ...message } as Record<string, string> }
}

async function hashOf(client: RedisClient, key: string): Promise<Record<string, string>> {
  try {
    return await client.hGetAll(key)
  } catch (error) {
    if (error instanceof Error && error.message.startsWith('WRONGTYPE')) return { [NOT_A_HASH]: 'yes' }
    throw error
  }
}
