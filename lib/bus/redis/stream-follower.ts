/**
 * Follows Redis streams through one blocked XREAD on a connection of its own,
 * from where it stands to whatever comes.
 *
 *   F1. Every entry after the starting place is heard once, in order, whatever happens to the connection.
 *   F2. A stream that was deleted and began anew (a flushed server) is read from its new beginning.
 */
import { setTimeout as sleep } from 'node:timers/promises'
import type { Log } from '../../base/log.ts'
import type { Followed, Follower } from '../follow.ts'
import { Connection, type RedisClient } from './connection/connection.ts'

const BLOCK_MS = 2000
const DEADLINE_MS = 3000
const COUNT_MAX = 500
const OUTAGE_PAUSE_MS = 250
/** Batches between two drops of what was heard. */
const DROP_EVERY = 50

interface FollowerOptions {
  readonly url: string
  readonly streams: readonly Followed[]
  readonly log: Log
}

/** Starts following; goes on until closed. A listener that throws is logged and does not stop the others. */
export function followStreams({ url, streams, log }: FollowerOptions): Follower {
  const places = new Map<string, string>()
  let closed = false
  let reads = 1
  const opened = (client: RedisClient) => findPlaces(client, streams, places)
  const connection = new Connection({ url, deadlineMs: BLOCK_MS + DEADLINE_MS, log, opened })

  const tell = (stream: Followed, id: string, fields: Record<string, string>) => {
    places.set(stream.key, id)
    try {
      stream.hear(fields, id)
    } catch (error) {
      log.error('a listener failed', { stream: stream.key, error })
    }
  }
  const turn = async () => {
    const reply = await connection.call((client) => {
      if (reads++ % DROP_EVERY === 0) dropHeard(client, streams, places, log)
      const from = streams.map(({ key }) => ({ key, id: places.get(key) ?? '0-0' }))
      return client.xRead(from, { BLOCK: BLOCK_MS, COUNT: COUNT_MAX })
    })
    for (const { name, messages } of (reply ?? []) as Batch[]) {
      const stream = streams.find(({ key }) => key === name)
      if (!stream) continue
      for (const { id, message } of messages) tell(stream, id, message)
    }
  }
  const run = async () => {
    while (!closed) {
      try {
        await turn()
      } catch (error) {
        if (closed) return
        log.warn('what is said on streams cannot be heard; trying again', { error: String(error) })
        await sleep(OUTAGE_PAUSE_MS)
      }
    }
  }
  // The first command opens the connection, and opening it finds the places.
  const ready = connection.call((client) => client.ping()).then(() => {})
  ready.catch(() => {})
  void run()
  return {
    ready,
    close() {
      closed = true
      connection.close()
    },
  }
}

interface Batch {
  readonly name: string
  readonly messages: { readonly id: string; readonly message: Record<string, string> }[]
}

/** Sent ahead of the next read, whose answer tells that it arrived; one that fails is made good by the next. */
function dropHeard(client: RedisClient, streams: readonly Followed[], places: Map<string, string>, log: Log): void {
  for (const { key, drop } of streams) {
    const place = places.get(key)
    if (!drop || place === undefined) continue
    client
      .sendCommand(['XTRIM', key, 'MINID', place])
      .catch((error: unknown) => log.debug('replies stay until they lapse', { error: String(error) }))
  }
}

async function findPlaces(client: RedisClient, streams: readonly Followed[], places: Map<string, string>) {
  for (const { key, from } of streams) {
    const last = await lastId(client, key)
    const known = places.get(key)
    if (known === undefined) places.set(key, from === 'now' ? last : '0-0')
    else if (isBefore(last, known)) places.set(key, '0-0')
  }
}

/** The highest id the stream ever had; `0-0` when there is no stream. */
async function lastId(client: RedisClient, key: string): Promise<string> {
  try {
    const info = (await client.sendCommand(['XINFO', 'STREAM', key])) as unknown[]
    return String(info[info.indexOf('last-generated-id') + 1])
  } catch (error) {
    if (error instanceof Error && error.message.includes('no such key')) return '0-0'
    throw error
  }
}

function isBefore(a: string, b: string): boolean {
  const [aMs = 0, aNumber = 0] = a.split('-').map(Number)
  const [bMs = 0, bNumber = 0] = b.split('-').map(Number)
  return aMs === bMs ? aNumber < bNumber : aMs < bMs
}
