/** What the system says of a disk that takes nothing until somebody mends it. Once that is done, what waited goes on by itself. */

const CAUSES_MAX = 10

/** `ENOENT` is not among them: a file that is missing is more often one that never was. data-folder.ts tells the difference. */
const TROUBLES: Readonly<Record<string, string>> = {
  ENOSPC: 'is full: free space there; scans keep their state and go on by themselves',
  EDQUOT: 'is full (quota): free space there; scans keep their state and go on by themselves',
  EROFS: 'is read-only: mount it writable, or set DATA_DIR to another folder',
  EACCES: 'may not be written to by this user: change its owner, or set DATA_DIR to another folder',
  EPERM: 'may not be written to by this user: change its owner, or set DATA_DIR to another folder',
  ENOTDIR: 'is no folder: set DATA_DIR to one',
  DATA_DIR_GONE: 'is gone: mount it again, or make the folder',
  DATA_DIR_UNMOUNTED: 'is not mounted any more: mount it again',
  EIO: 'fails: look at the disk, or set DATA_DIR to another folder',
  ESTALE: 'has gone stale: mount it again',
}

/** What is wrong with the data directory and what to do, to follow its name; `undefined` when no such trouble is at the bottom of `error`. */
export function diskTrouble(error: unknown): string | undefined {
  for (let at = error, depth = 0; at instanceof Error && depth < CAUSES_MAX; at = at.cause, depth++) {
    const trouble = 'code' in at ? TROUBLES[String(at.code)] : undefined
    if (trouble !== undefined) return trouble
  }
  return undefined
}
