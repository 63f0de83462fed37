/** A temporary data directory with a reports port over it. Whoever makes one ends it. */
import { copyFile, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { existsSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Log } from '../../../lib/base/log.ts'
import { silentLog } from '../../../lib/base/log.ts'
import { makeReports, type Reports } from '../../../lib/reports/reports.ts'

export const SHARED = '../shared/data'
export const hasShared = existsSync(join(SHARED, 'expected.json'))
export const CACHE_BYTES_MAX = 64 * 1024 * 1024

export interface Workshop extends AsyncDisposable {
  readonly dataDir: string
  readonly reports: Reports
  /** A task whose report is `content`; not yet built. */
  put(content: string | Uint8Array): Promise<string>
  /** A task whose report is a copy of the file at `path`. */
  copy(path: string): Promise<string>
}

let tasks = 0

export const taskIdOf = (number: number): string => `ns_test_20250101_000000_${number.toString(16).padStart(8, '0')}`

export async function openWorkshop(log: Log = silentLog): Promise<Workshop> {
  const dataDir = await mkdtemp(join(tmpdir(), 'reports-'))
  const folder = async (): Promise<[string, string]> => {
    const taskId = taskIdOf(++tasks)
    await mkdir(join(dataDir, taskId))
    return [taskId, join(dataDir, taskId, 'scan_native.nessus')]
  }
  return {
    dataDir,
    reports: makeReports({ dataDir, cacheBytesMax: CACHE_BYTES_MAX, log }),
    async put(content) {
      const [taskId, path] = await folder()
      await writeFile(path, content)
      return taskId
    },
    async copy(from) {
      const [taskId, path] = await folder()
      await copyFile(from, path)
      return taskId
    },
    async [Symbol.asyncDispose]() {
      await rm(dataDir, { recursive: true, force: true })
    },
  }
}
