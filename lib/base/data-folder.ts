/**
 * The data directory, which may be taken away while the program runs: removed, unmounted, or replaced by a file. What is
 * then missing was not deleted, and what is then written would go where no one looks; so it is said as what it is.
 *
 *   DF1. Nothing is written into it, nor removed from it, before it was seen to be there.
 *   DF2. Nothing in it is called missing before it was seen to be there.
 */
import { stat as statPath } from 'node:fs/promises'
import { dirname, resolve } from 'node:path'
import { Refusal } from './errors.ts'

const CAUSES_MAX = 10

/** Disk trouble like any other (disk-trouble.ts): it is waited for. */
export class DataFolderGone extends Error {
  override readonly name = 'DataFolderGone'
  readonly code: 'DATA_DIR_GONE' | 'DATA_DIR_UNMOUNTED'

  constructor(path: string, code: DataFolderGone['code']) {
    super(`the data directory ${path} ${code === 'DATA_DIR_GONE' ? 'is gone' : 'is not mounted any more'}`)
    this.code = code
  }
}

export interface DataFolder {
  /** Throws what is wrong with the directory: {@link DataFolderGone}, or an error with the code of a disk's trouble. */
  readonly isThere: () => Promise<void>
  /** Work that only reads: what it does not find is looked into. */
  readonly reading: <T>(work: () => Promise<T>) => Promise<T>
  /** Work that writes or removes. */
  readonly writing: <T>(work: () => Promise<T>) => Promise<T>
}

type Stat = (path: string) => Promise<{ readonly dev: number; isDirectory(): boolean }>

export function makeDataFolder(path: string, stat: Stat = statPath): DataFolder {
  const isMountPoint = async (dev: number) => dev !== (await stat(dirname(resolve(path)))).dev
  let mounted: Promise<boolean | undefined> | undefined
  const isThere = async () => {
    const found = await stat(path).catch((error: unknown) => {
      throw codeOf(error) === 'ENOENT' ? new DataFolderGone(path, 'DATA_DIR_GONE') : error
    })
    if (!found.isDirectory()) throw Object.assign(new Error(`${path} is a file`), { code: 'ENOTDIR' })
    // A disk of its own leaves an empty folder behind, which takes everything and is not it.
    const isMounted = await isMountPoint(found.dev)
    if ((await (mounted ??= Promise.resolve(isMounted))) && !isMounted)
      throw new DataFolderGone(path, 'DATA_DIR_UNMOUNTED')
  }
  // As it was when the program began.
  isThere().catch(() => {})
  const reading: DataFolder['reading'] = async (work) => {
    try {
      return await work()
    } catch (error) {
      if (isMissing(error)) await isThere()
      throw error
    }
  }
  return {
    isThere,
    reading,
    async writing(work) {
      await isThere()
      return reading(work)
    },
  }
}

/** Whether something was not there, in whatever words. */
function isMissing(error: unknown): boolean {
  for (let at = error, depth = 0; at instanceof Error && depth < CAUSES_MAX; at = at.cause, depth++) {
    if (codeOf(at) === 'ENOENT' || codeOf(at) === 'ENOTDIR') return true
    if (at instanceof Refusal && at.code === 'not_found') return true
  }
  return false
}

function codeOf(error: unknown): unknown {
  return error instanceof Error && 'code' in error ? error.code : undefined
}
