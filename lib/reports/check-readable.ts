import { rm } from 'node:fs/promises'
import { streamFile } from '../base/stream-file.ts'
import { buildStore } from './build.ts'

/** Throws a PermanentError when the report at `path` cannot be read to its end: by reading it just as it will be read. */
export async function checkReadable(path: string): Promise<void> {
  const storePath = `${path}.store`
  try {
    await streamFile(path, (chunks) => buildStore({ storePath, chunks, expectation: {} }))
  } finally {
    await rm(storePath, { force: true })
  }
}
