/** The private Redis of a data directory: where it is, and whether one runs there. */
import { existsSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { isOwned } from './ownership.ts'
import { probeSocket } from './probe.ts'
import { socketPath } from './socket-path.ts'

const PROBE_MAX_MS = 2000

export interface PrivateRedis {
  readonly folder: string
  readonly socket: string
  /** `unix://…`, as REDIS_URL takes it; the same for every server that ever runs on the directory. */
  readonly url: string
}

export function privateRedis(dataDir: string): PrivateRedis {
  const folder = join(resolve(dataDir), 'redis')
  const socket = socketPath({ folder, shortFolder: tmpdir(), userId: process.getuid?.() })
  return { folder, socket, url: unixUrl(socket) }
}

/** The address of the private Redis of an `up` that runs on this data directory; `undefined` when none does. */
export function runningRedis(dataDir: string): string | undefined {
  if (!existsSync(join(dataDir, 'redis'))) return undefined
  const { socket, url } = privateRedis(dataDir)
  return existsSync(socket) ? url : undefined
}

/** Whether a live process answers for the private Redis of this data directory: a server alone, left by a killed one, does not count. */
export function isHosted(dataDir: string): Promise<boolean> {
  const { folder, socket } = privateRedis(dataDir)
  return isOwned(folder, async () => (await probeSocket(socket, PROBE_MAX_MS)).state !== 'absent')
}

/** Whether it takes commands now. */
export async function isReady(dataDir: string): Promise<boolean> {
  return (await probeSocket(privateRedis(dataDir).socket, PROBE_MAX_MS)).state === 'ready'
}

/** Each part is encoded on its own: a `#` or `?` in a folder's name must not end the path. */
function unixUrl(socket: string): string {
  return `unix://${socket.split('/').map(encodeURIComponent).join('/')}`
}
