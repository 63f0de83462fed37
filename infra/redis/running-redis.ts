import { existsSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { socketPath } from './socket-path.ts'

/** The address of the private Redis of an `up` that runs on this data directory; `undefined` when none does. */
export function runningRedis(dataDir: string): string | undefined {
  const folder = join(dataDir, 'redis')
  if (!existsSync(folder)) return undefined
  const socket = socketPath({ folder, shortFolder: tmpdir(), userId: process.getuid?.() })
  return existsSync(socket) ? `unix://${socket}` : undefined
}
