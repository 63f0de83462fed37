/** The data directory as the program needs it: there, and writable. Tried by writing, because only that tells of a full or failing disk. */
import { randomBytes } from 'node:crypto'
import { mkdir, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { diskTrouble } from '../../lib/base/disk-trouble.ts'
import { PermanentError } from '../../lib/base/errors.ts'
import type { Log } from '../../lib/base/log.ts'

/** More than fits into an inode, so that it takes space of its own. */
const PROBE_BYTES = 4096

/** Said of other things elsewhere; here they are about the directory itself. */
const MEANT: Readonly<Record<string, string>> = { EEXIST: 'ENOTDIR', ENOENT: 'DATA_DIR_GONE' }

/** Throws an Error that says what is wrong with the data directory and what to do. */
export async function checkDataFolder(dataDir: string): Promise<void> {
  const probe = join(dataDir, `.probe-${randomBytes(6).toString('hex')}`)
  try {
    await writeFile(probe, Buffer.alloc(PROBE_BYTES), { flag: 'wx', mode: 0o600 })
  } catch (cause) {
    throw explained(dataDir, cause)
  } finally {
    await rm(probe, { force: true }).catch(() => {})
  }
}

/** Makes the folder if need be. Throws PermanentError when it cannot be used; one that is full only makes a warning: space comes back. */
export async function openDataFolder(dataDir: string, log: Log): Promise<void> {
  try {
    await mkdir(dataDir, { recursive: true }).catch((cause: unknown) => {
      throw explained(dataDir, cause)
    })
    await checkDataFolder(dataDir)
  } catch (error) {
    if (!(error instanceof Error)) throw error
    if (!isFull(error.cause)) throw new PermanentError(error.message, { cause: error.cause })
    log.warn(error.message)
  }
}

function explained(dataDir: string, cause: unknown): Error {
  const remedy =
    diskTrouble(cause) ??
    diskTrouble(Object.assign(new Error(), { code: MEANT[codeOf(cause)] })) ??
    'cannot be written to: look at the disk, or set DATA_DIR to another folder'
  return new Error(`The data directory ${dataDir} ${remedy}.`, { cause })
}

function isFull(error: unknown): boolean {
  return codeOf(error) === 'ENOSPC' || codeOf(error) === 'EDQUOT'
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : ''
}
