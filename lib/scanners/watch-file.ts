/**
 * Notices that a file changed by watching its folder: editors replace a file,
 * and Kubernetes swaps a symbolic link beside it, so a watch on the file itself
 * would go blind at the first change. Beside that it is looked at now and then:
 * some mounts tell of nothing, and a watch ends with its folder.
 */
import { readFileSync, statSync, watch } from 'node:fs'
import { dirname } from 'node:path'
import type { Log } from '../base/log.ts'

const SETTLE_MS = 200
const LOOK_EVERY_MS = 2000

export interface FileWatch {
  readonly log: Log
  readonly onChange: () => void
  /** The file is gone, and still was when things had settled. Without it, a file that is gone changes nothing. */
  readonly onGone?: () => void
  readonly settleMs?: number
  readonly lookEveryMs?: number
}

/** Calls `onChange` once things are quiet after the file's content changed; returns what ends it. A folder that cannot be watched is logged. */
export function watchFile(file: string, given: FileWatch): () => void {
  const { log, onChange, onGone, settleMs = SETTLE_MS, lookEveryMs = LOOK_EVERY_MS } = given
  let content = contentOf(file)
  let mark = markOf(file)
  let settling: NodeJS.Timeout | undefined
  const look = (): void => {
    settling = undefined
    mark = markOf(file)
    const next = contentOf(file)
    if (next === content || (next === GONE && onGone === undefined)) return
    content = next
    if (next === GONE) onGone?.()
    else onChange()
  }
  const settle = (): void => {
    clearTimeout(settling)
    // A file that is gone for a moment is being replaced.
    settling = setTimeout(look, settleMs)
    settling.unref()
  }
  const looking = setInterval(() => {
    if (settling === undefined && markOf(file) !== mark) settle()
  }, lookEveryMs)
  looking.unref()
  const unwatch = watchFolder(file, settle, log)
  return () => {
    clearTimeout(settling)
    clearInterval(looking)
    unwatch()
  }
}

function watchFolder(file: string, onEvent: () => void, log: Log): () => void {
  try {
    const watcher = watch(dirname(file), { persistent: false }, onEvent)
    watcher.on('error', (error) => log.debug('a folder is no longer watched', { file, error: String(error) }))
    return () => watcher.close()
  } catch (error) {
    log.debug('a folder cannot be watched; its file is looked at now and then', { file, error: String(error) })
    return () => {}
  }
}

/** No content that a file can have. */
const GONE = Symbol('gone')
/** A file that is there and cannot be read. */
const UNREADABLE = Symbol('unreadable')

function contentOf(file: string): string | symbol {
  try {
    return readFileSync(file, 'utf8')
  } catch (error) {
    return isGone(error) ? GONE : UNREADABLE
  }
}

function isGone(error: unknown): boolean {
  return error instanceof Error && 'code' in error && (error.code === 'ENOENT' || error.code === 'ENOTDIR')
}

/** Differs once the file was changed, replaced or removed; costs less than reading it. */
function markOf(file: string): string {
  try {
    const { dev, ino, size, mtimeMs, ctimeMs } = statSync(file)
    return [dev, ino, size, mtimeMs, ctimeMs].join(':')
  } catch (error) {
    return error instanceof Error && 'code' in error ? String(error.code) : 'unreadable'
  }
}
