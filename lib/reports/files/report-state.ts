/** Whether a store is of the report beside it, and by what one state of the two is told from another. */
import { stat } from 'node:fs/promises'
import type { TaskFolder } from '../../facts/task-folder.ts'
import { StoreUnusable } from '../store/format.ts'
import type { Store } from '../store/store-reader.ts'

/** What the file system says of a report and its store. */
export async function filesOf(folder: TaskFolder) {
  const [native, store] = await Promise.all([folder.native, folder.store].map((path) => stat(path).catch(missing)))
  return { native, store }
}
export type FilesState = Awaited<ReturnType<typeof filesOf>>

function missing(error: NodeJS.ErrnoException): undefined {
  if (error.code !== 'ENOENT') throw error
}

export const stampOf = ({ native, store }: FilesState): string =>
  [native, store].map((file) => (file ? `${file.ino}.${file.size}.${file.mtimeMs}` : 'none')).join(':')

/**
 * As long as before, and not written since: a store is made after its report. Another host's clock may say otherwise of
 * one that was just made.
 */
export function checkFresh({ source }: Pick<Store, 'source'>, { native, store }: FilesState, justBuilt: boolean): void {
  if (native && native.size !== source.size) throw new StoreUnusable('the report changed since it was parsed')
  const builtMs = justBuilt ? Infinity : (store?.mtimeMs ?? -Infinity)
  if (native && native.mtimeMs > builtMs) throw new StoreUnusable('the report was written after it was parsed')
}
