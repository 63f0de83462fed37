/** Two gateways on one Redis, with nothing that leads a client back to the one it came to. */
import { afterAll, afterEach, beforeAll } from 'vitest'
import { startRedis, type TestRedis } from '../../support/redis.ts'
import { openDoor, type Door } from './door.ts'
import { listen, type OpenStream } from './older-requests.ts'

export interface SessionPair {
  readonly door: Door
  readonly redis: TestRedis
  /** Where the two listen. */
  readonly a: string
  readonly b: string
  /** A scan that can be looked at. */
  scan(): { readonly id: string; readonly uri: string }
  /** Says on the log that a scan has changed. */
  change(task: string, revision: number, status?: string): Promise<unknown>
  /** Opens a stream that is closed after the test. */
  listen: typeof listen
  /** The names of all keys in Redis that match. */
  keys(pattern: string): Promise<string[]>
}

/** Opens the pair before the tests of a file and closes it after them. */
export function useSessionPair(options: Parameters<typeof openDoor>[1] = {}): SessionPair {
  let redis: TestRedis
  let door: Door
  let a = ''
  let b = ''
  const streams: OpenStream[] = []
  beforeAll(async () => {
    redis = await startRedis()
    door = await openDoor(redis.url, options)
    a = await door.listen()
    b = await door.listen(await door.another())
  })
  afterEach(async () => {
    for (const stream of streams.splice(0)) await stream.close()
  })
  afterAll(async () => {
    await door.close()
    await redis.stop()
  })
  return {
    get door() {
      return door
    },
    get redis() {
      return redis
    },
    get a() {
      return a
    },
    get b() {
      return b
    },
    scan() {
      const { task_id: id } = door.addScan('watched')
      return { id, uri: `nessus://scans/${id}` }
    },
    change: (task, revision, status = 'running') =>
      door.world.bus.connection.call((client) =>
        client.xAdd(door.world.bus.keys.log, '*', { task, revision: String(revision), status, step: 'scanning' }),
      ),
    async listen(...args) {
      const stream = await listen(...args)
      streams.push(stream)
      return stream
    },
    keys: (pattern) => door.world.bus.connection.call((client) => client.keys(pattern)) as Promise<string[]>,
  }
}
