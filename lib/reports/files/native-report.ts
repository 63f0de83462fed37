/** The report as the scanner wrote it. */
import { createHash } from 'node:crypto'
import { open, stat } from 'node:fs/promises'
import type { Readable } from 'node:stream'
import { Refusal } from '../../base/errors.ts'
import type { TaskFolder } from '../../facts/task-folder.ts'

export interface NativeOnDisk {
  readonly path: string
  readonly sizeBytes: number
  readonly sha256: string
}

/** The report as a stream. The caller consumes or destroys it. Throws a Refusal `not_found` before the first byte. */
export async function openNative(folder: TaskFolder): Promise<Readable> {
  try {
    return (await open(folder.native, 'r')).createReadStream({ highWaterMark: 256 * 1024 })
  } catch (error) {
    throw (error as NodeJS.ErrnoException).code === 'ENOENT' ? noReport(folder) : error
  }
}

/** Reads the whole file for its digest: for reports that have no store, because they are not well-formed. */
export async function measureNative(folder: TaskFolder): Promise<NativeOnDisk> {
  const digest = createHash('sha256')
  for await (const chunk of await openNative(folder)) digest.update(chunk as Uint8Array)
  return { path: folder.native, sizeBytes: (await stat(folder.native)).size, sha256: digest.digest('hex') }
}

export function noReport(folder: TaskFolder): Refusal {
  const message = `${folder.taskId} has no report: the scan has not been exported, or its files were deleted`
  return new Refusal('not_found', message)
}
