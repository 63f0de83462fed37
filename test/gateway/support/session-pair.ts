/** Two gateways on one memory, with nothing that leads a client back to the one it came to. */
import { afterAll, afterEach, beforeAll } from 'vitest'
import { type Door, type DoorOptions, openDoor } from './door.ts'
import { listen, type OpenStream } from './older-requests.ts'

export interface SessionPair {
  readonly door: Door
  /** Where the two listen. */
  readonly a: string
  readonly b: string
  /** A scan that can be looked at. */
  scan(): { readonly id: string; readonly uri: string }
  /** Says on the log that a scan has changed. */
  change(task: string, revision: number, status?: string): Promise<unknown>
  /** Opens a stream that is closed after the test. */
  listen: typeof listen
}

/** Opens the pair before the tests of a file and closes it after them. */
export function useSessionPair(options: DoorOptions = {}): SessionPair {
  let door: Door
  let a = ''
  let b = ''
  const streams: OpenStream[] = []
  beforeAll(async () => {
    door = await openDoor(options)
    a = await door.listen()
    b = await door.listen(await door.another())
  })
  afterEach(async () => {
    for (const stream of streams.splice(0)) await stream.close()
  })
  afterAll(async () => {
    await door.close()
  })
  return {
    get door() {
      return door
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
      door.world.append({ task, revision: String(revision), status, step: 'scanning' }),
    async listen(...args) {
      const stream = await listen(...args)
      streams.push(stream)
      return stream
    },
  }
}
