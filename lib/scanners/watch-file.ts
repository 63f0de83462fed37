/**
 * Notices that a file changed by watching its folder: editors replace a file,
 * and Kubernetes swaps a symbolic link beside it, so a watch on the file itself
 * would go blind at the first change.
 */
import { readFileSync, watch } from 'node:fs'
import { dirname } from 'node:path'
import type { Log } from '../base/log.ts'

const SETTLE_MS = 200

/** Calls `onChange` once things are quiet after the file's content changed; returns what ends it. A folder that cannot be watched is logged. */
export function watchFile(
  file: string,
  { log, onChange, settleMs = SETTLE_MS }: { log: Log; onChange: () => void; settleMs?: number },
): () => void {
  let content = contentOf(file)
  let timer: NodeJS.Timeout | undefined
  const look = (): void => {
    const next = contentOf(file)
    // A file that is gone for a moment is being replaced: the next event tells.
    if (next === undefined || next === content) return
    content = next
    onChange()
  }
  try {
    const watcher = watch(dirname(file), { persistent: false }, () => {
      clearTimeout(timer)
      timer = setTimeout(look, settleMs)
    })
    watcher.on('error', (error) => warn(log, file, error))
    return () => {
      clearTimeout(timer)
      watcher.close()
    }
  } catch (error) {
    warn(log, file, error)
    return () => {}
  }
}

function contentOf(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8')
  } catch {
    return undefined
  }
}

function warn(log: Log, file: string, error: unknown): void {
  log.warn('changes of the file will not be noticed; send SIGHUP after changing it', { file, error: String(error) })
}
