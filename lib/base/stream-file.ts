import type { ReadStream } from 'node:fs'
import { open, type FileHandle } from 'node:fs/promises'

/**
 * Hands `use` the file at `path` as a stream, and closes it afterwards. Throws what opening it throws: a stream that opens
 * its file by itself says so in an event, which ends the process when it comes before anybody reads.
 */
export async function streamFile<T>(
  path: string,
  use: (stream: ReadStream) => Promise<T>,
  options: { highWaterMark?: number } = {},
): Promise<T> {
  return streamHandle(await open(path, 'r'), use, options)
}

/** Hands `use` an open file as a stream, and closes it afterwards. */
export async function streamHandle<T>(
  file: FileHandle,
  use: (stream: ReadStream) => Promise<T>,
  options: { highWaterMark?: number } = {},
): Promise<T> {
  try {
    return await use(file.createReadStream({ ...options, autoClose: false }))
  } finally {
    await file.close()
  }
}
