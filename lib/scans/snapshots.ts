/**
 * `task.json`: the record beside the results, so that finished scans survive the
 * loss of Redis. Written whole or not at all; a snapshot is never older than the
 * one it replaces, unless Redis itself went back in time.
 */
import { open, readdir, readFile, rename, rm } from 'node:fs/promises'
import { makeDataFolder } from '../base/data-folder.ts'
import { PermanentError } from '../base/errors.ts'
import { makeFolder } from '../base/make-folder.ts'
import { isUnreadable, readScan } from './read-record.ts'
import type { Scan } from './record.ts'
import { taskFolder } from '../facts/task-folder.ts'
import { isTaskId } from '../facts/task-id.ts'

export interface Snapshots {
  /** `false`, and nothing is written, when a newer one is there; `over` writes it all the same. */
  write(scan: Scan, options?: { over: boolean }): Promise<boolean>
  /** `undefined` when there is none. Throws PermanentError when it is damaged. */
  read(taskId: string): Promise<Scan | undefined>
  /** The task ids that have a folder. Throws when the data directory is not there. */
  list(): Promise<string[]>
}

export function makeSnapshots(dataDir: string, randomHex: (bytes: number) => string): Snapshots {
  const { isThere, writing } = makeDataFolder(dataDir)
  const read = async (taskId: string) => {
    const path = taskFolder(dataDir, taskId).snapshot
    let text: string
    try {
      text = await readFile(path, 'utf8')
    } catch (error) {
      if (!(error instanceof Error && 'code' in error && error.code === 'ENOENT')) throw error
      await isThere()
      return undefined
    }
    const scan = readScan(taskId, text)
    if (isUnreadable(scan)) throw new PermanentError(`${path}: ${scan.problem}`)
    return scan
  }
  return {
    read,
    async list() {
      // A data directory that is not there has not "no scans".
      await isThere()
      const names = await readdir(dataDir)
      return names.filter(isTaskId).sort()
    },
    write: (scan, { over } = { over: false }) => writing(() => write(scan, over)),
  }

  async function write(scan: Scan, over: boolean): Promise<boolean> {
    const { path: folder, snapshot: path } = taskFolder(dataDir, scan.task_id)
    await makeFolder(folder)
    const draft = `${path}.${randomHex(4)}`
    const file = await open(draft, 'w', 0o600)
    try {
      await file.writeFile(`${JSON.stringify(scan, null, 2)}\n`)
      await file.sync()
    } finally {
      await file.close()
    }
    // Asked last of all: writing takes a while, and its process may be suspended meanwhile.
    const there = over ? undefined : await read(scan.task_id).catch(() => undefined)
    if (there && there.revision > scan.revision) {
      await rm(draft, { force: true })
      return false
    }
    await rename(draft, path).catch(async (error: unknown) => {
      await rm(draft, { force: true })
      throw error
    })
    return true
  }
}
