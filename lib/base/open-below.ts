import { constants, open, realpath, stat, type FileHandle } from 'node:fs/promises'
import { join, sep } from 'node:path'

/** Never waits for the other end of a pipe. */
const HOW = constants.O_RDONLY | constants.O_NONBLOCK

/**
 * Opens the plain file `name` below `folder`, links followed; `undefined` when there is none, or it lies elsewhere. What
 * was opened is looked at, not the path before it: whoever may write there can change what a path leads to in between, but
 * not what is open. So the real path must lie below the folder, and lead to this very file.
 */
export async function openBelow(
  folder: string,
  name: string,
): Promise<{ readonly path: string; readonly handle: FileHandle } | undefined> {
  const root = await realpath(folder).catch(() => undefined)
  if (root === undefined || name.includes('\0')) return undefined
  const handle = await open(join(root, name), HOW).catch(() => undefined)
  if (!handle) return undefined
  try {
    const [is, path] = await Promise.all([handle.stat(), realpath(join(root, name))])
    const there = await stat(path)
    const same = there.dev === is.dev && there.ino === is.ino
    if (same && is.isFile() && path.startsWith(root === sep ? sep : root + sep)) return { path, handle }
  } catch {
    // Gone, or changed, while it was looked at: it is not opened.
  }
  await handle.close()
  return undefined
}
