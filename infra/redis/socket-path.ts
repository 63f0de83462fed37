/** Where the private Redis listens: in its own folder, or in a short one when that path is too long for a socket. */
import { createHash } from 'node:crypto'
import { lstatSync, mkdirSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { PermanentError } from '../../lib/base/errors.ts'

/** macOS has room for 104 bytes with the final zero, Linux for 108; the smaller one holds everywhere. */
export const SOCKET_PATH_BYTES_MAX = 103

export interface SocketPlace {
  readonly folder: string
  readonly shortFolder: string
  /** Of the user we run as; `undefined` where there are none. */
  readonly userId: number | undefined
}

/**
 * The path of the socket for the server in `folder`: always the same for one folder and one user, so that a later start
 * finds an earlier server. Makes the short folder when it is needed; throws PermanentError when somebody else owns it.
 */
export function socketPath({ folder, shortFolder, userId }: SocketPlace): string {
  const own = join(resolve(folder), 'redis.sock')
  if (Buffer.byteLength(own) <= SOCKET_PATH_BYTES_MAX) return own
  const digest = createHash('sha256').update(resolve(folder)).digest('hex').slice(0, 12)
  const place = join(shortFolder, `nessus-mcp-${userId ?? 'user'}-${digest}`)
  mkdirSync(place, { recursive: true, mode: 0o700 })
  // Anybody may write to the temporary folder: one who was first could read everything that passes the socket.
  const { uid, mode } = lstatSync(place)
  if (userId !== undefined && (uid !== userId || (mode & 0o077) !== 0)) {
    throw new PermanentError(
      `${place}: expected a folder that only user ${userId} can read, got owner ${uid}; remove it, or set TMPDIR`,
    )
  }
  const short = join(place, 'redis.sock')
  if (Buffer.byteLength(short) <= SOCKET_PATH_BYTES_MAX) return short
  throw new PermanentError(
    `${short}: a socket path may have ${SOCKET_PATH_BYTES_MAX} bytes, got ${Buffer.byteLength(short)}; set DATA_DIR or TMPDIR to a shorter path`,
  )
}
