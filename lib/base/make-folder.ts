import { mkdir } from 'node:fs/promises'

/**
 * Makes a folder within one that is there; whether it was this call that made it. Not by `mkdir` with `recursive`: that says
 * `ENOENT` of a read-only disk, and on a disk that was taken away it would make the folders above anew, where no one looks.
 */
export async function makeFolder(path: string): Promise<boolean> {
  try {
    await mkdir(path, { mode: 0o700 })
    return true
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EEXIST') return false
    throw error
  }
}
