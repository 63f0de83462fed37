/** `scanner_logs/nessus_api.log` of a scan in debug mode. Bounded; a full disk must not stop a scan for the sake of its log. */
import { appendFile, stat } from 'node:fs/promises'
import { makeFolder } from '../../lib/base/make-folder.ts'
import type { Log } from '../../lib/base/log.ts'
import { taskFolder } from '../../lib/facts/task-folder.ts'
import { maskByForm } from '../../lib/observe/redact.ts'

const BYTES_MAX = 16 * 1024 * 1024
/** Logs begun by this process that are remembered. */
const BEGUN_MAX = 10_000

export function makeScannerLog(dataDir: string, log: Log): (taskId: string, line: string) => Promise<void> {
  const begun = new Set<string>()
  return async (taskId, line) => {
    try {
      const { path: folder, scannerLogs, scannerLog: path } = taskFolder(dataDir, taskId)
      if (!begun.has(taskId)) {
        // Not by `recursive`: that would make a data directory that was taken away anew.
        await makeFolder(folder)
        await makeFolder(scannerLogs)
        if (begun.size >= BEGUN_MAX) begun.clear()
        begun.add(taskId)
      }
      const size = await stat(path).then(
        (file) => file.size,
        () => 0,
      )
      if (size < BYTES_MAX) await appendFile(path, `${maskByForm(line)}\n`, { mode: 0o600 })
    } catch (error) {
      // A folder that is gone after the log was begun went with its scan: what a late worker says does not bring it back.
      if (begun.has(taskId) && error instanceof Error && 'code' in error && error.code === 'ENOENT') return
      log.warn('scanner log not written', { task_id: taskId, error: String(error) })
    }
  }
}
