import { readdir, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'

/** Deletes the files in `folder`, or those of them in `names`, that were last written before `before`; a folder that is not there has none. */
export async function removeOldFiles(folder: string, before: Date, names?: readonly string[]): Promise<void> {
  for (const name of names ?? (await readdir(folder).catch(() => []))) {
    const path = join(folder, name)
    const { mtime } = await stat(path).catch(() => ({ mtime: new Date() }))
    if (mtime < before) await rm(path, { force: true })
  }
}
