/** `scanner_logs/nessus_api.log` of a scan in debug mode. Bounded; a full disk must not stop a scan for the sake of its log. */
import { appendFile, mkdir, stat } from 'node:fs/promises'
import { join } from 'node:path'
import type { Log } from '../lib/base/log.ts'

const BYTES_MAX = 16 * 1024 * 1024

export function makeScannerLog(dataDir: string, log: Log): (taskId: string, line: string) => Promise<void> {
  return async (taskId, line) => {
    const folder = join(dataDir, taskId, 'scanner_logs')
    const path = join(folder, 'nessus_api.log')
    try {
      await mkdir(folder, { recursive: true })
      const size = await stat(path).then(
        (file) => file.size,
        () => 0,
      )
      if (size < BYTES_MAX) await appendFile(path, `${line}\n`, { mode: 0o600 })
    } catch (error) {
      log.warn('scanner log not written', { task: taskId, error: String(error) })
    }
  }
}
