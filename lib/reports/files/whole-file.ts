/**
 * Writes a file that appears whole or not at all: a temporary neighbour, fsync,
 * rename, fsync of the folder.
 */
import { randomUUID } from 'node:crypto'
import { open, rename, rm } from 'node:fs/promises'
import { dirname } from 'node:path'

export interface WholeFile {
  /** Where it is while it is written. */
  readonly draft: string
  /** Appends `bytes` and returns where they start. Calls must not overlap. */
  append(bytes: Uint8Array): Promise<number>
  /** Makes everything durable and gives the file its name. */
  commit(): Promise<void>
  /** Removes the temporary file; harmless after {@link commit}. */
  discard(): Promise<void>
}

/** Starts a file that will be `path`. The folder must exist. */
export async function createWholeFile(path: string): Promise<WholeFile> {
  const temporary = `${path}.${randomUUID()}.part`
  const handle = await open(temporary, 'wx', 0o600)
  let size = 0
  let done = false
  return {
    draft: temporary,

    async append(bytes) {
      const start = size
      let written = 0
      while (written < bytes.length) {
        const result = await handle.write(bytes, written, bytes.length - written, start + written)
        written += result.bytesWritten
      }
      size += bytes.length
      return start
    },
    async commit() {
      await handle.sync()
      await handle.close()
      done = true
      try {
        await rename(temporary, path)
      } catch (error) {
        await rm(temporary, { force: true })
        throw error
      }
      await syncFolder(dirname(path))
    },
    async discard() {
      if (done) return
      done = true
      await handle.close()
      await rm(temporary, { force: true })
    },
  }
}

/** Makes a rename in `folder` survive a crash. */
export async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, 'r')
  try {
    await handle.sync()
  } finally {
    await handle.close()
  }
}
