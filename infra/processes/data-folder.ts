/** The data directory as the program needs it: there, and writable. Tried by writing, because only that tells of a full or failing disk. */
import { randomBytes } from 'node:crypto'
import { chmod, lstat, mkdir, readdir, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import * as v from 'valibot'
import { diskTrouble } from '../../lib/base/disk-trouble.ts'
import { PermanentError } from '../../lib/base/errors.ts'
import { TaskId } from '../../lib/facts/task-id.ts'
import type { Log } from '../../lib/base/log.ts'

/** More than fits into an inode, so that it takes space of its own. */
const PROBE_BYTES = 4096
/** Group and others. */
const OTHERS = 0o077
/** A folder that everybody may write to, such as /tmp. */
const STICKY = 0o1000
/** What we keep beside the folders of scans. */
const OURS = /^(?:incoming|redis|simulator|secret\.key|simulator\.yaml|latest\.looks|up)(?:\.[\w.-]+)?$|^\.[\w-]+$/

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
    await mkdir(dataDir, { recursive: true, mode: 0o700 }).catch((cause: unknown) => {
      throw explained(dataDir, cause)
    })
    await keepToOwner(dataDir, log)
    await checkDataFolder(dataDir)
  } catch (error) {
    if (!(error instanceof Error)) throw error
    if (!isFull(error.cause)) throw new PermanentError(error.message, { cause: error.cause })
    log.warn(error.message)
  }
}

/**
 * Takes from others what an earlier version, a restore or a hand left open to them: files of state are for their owner only.
 * What belongs to somebody else, as a mounted volume may, is left, and said.
 */
async function keepToOwner(dataDir: string, log: Log): Promise<void> {
  let left = 0
  const tighten = async (path: string, isFolder: boolean): Promise<void> => {
    const { mode } = await lstat(path)
    if ((mode & OTHERS) !== 0) await chmod(path, isFolder ? 0o700 : 0o600)
  }
  const walk = async (folder: string): Promise<void> => {
    await tighten(folder, true).catch(() => (left += 1))
    for (const entry of await readdir(folder, { withFileTypes: true }).catch(() => [])) {
      const path = join(folder, entry.name)
      if (entry.isDirectory()) await walk(path)
      // Gone meanwhile is as good; links and sockets have no content of their own.
      else if (entry.isFile())
        await tighten(path, false).catch((error: unknown) => (left += codeOf(error) === 'ENOENT' ? 0 : 1))
    }
  }
  // Not all that lies there: a folder that is shared with other things is not ours to rearrange.
  const { mode } = await lstat(dataDir)
  if ((mode & STICKY) === 0) await tighten(dataDir, true).catch(() => (left += 1))
  for (const entry of await readdir(dataDir, { withFileTypes: true }).catch(() => [])) {
    if (!OURS.test(entry.name) && !v.is(TaskId, entry.name)) continue
    const path = join(dataDir, entry.name)
    if (entry.isDirectory()) await walk(path)
    else if (entry.isFile()) await tighten(path, false).catch(() => (left += 1))
  }
  if (left > 0)
    log.warn('parts of the data directory may be open to other users, and are not ours to close', { dataDir, left })
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
