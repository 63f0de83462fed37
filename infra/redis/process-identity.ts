/**
 * Tells processes apart beyond their ids, which the system uses again: by the
 * moment a process began, and by its command line. Reads /proc where there is
 * one and asks `ps` elsewhere.
 */
import { execFileSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'

/** Text that is the same for one process all its life and for no later process; `undefined` when none runs under `pid`. */
export function processIdentity(pid: number): string | undefined {
  if (!existsSync('/proc/self/stat')) return ps(pid, 'lstart=')
  const stat = readProc(`/proc/${pid}/stat`)
  if (stat === undefined) return undefined
  // The second field is the program's name in brackets and may hold anything: fields are counted from behind it.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  const [state, startTicks] = [fields[0], fields[19]]
  // A zombie has ended; only its parent has not noticed.
  if (state === 'Z' || startTicks === undefined) return undefined
  return `${readProc('/proc/sys/kernel/random/boot_id')?.trim() ?? ''}/${startTicks}`
}

/** The command line of the process, as it shows itself; `undefined` when none runs under `pid`. */
export function commandLine(pid: number): string | undefined {
  if (!existsSync('/proc/self/stat')) return ps(pid, 'command=')
  return readProc(`/proc/${pid}/cmdline`)?.replaceAll('\0', ' ').trim() || undefined
}

function readProc(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return undefined
  }
}

function ps(pid: number, column: string): string | undefined {
  try {
    return execFileSync('ps', ['-o', column, '-p', String(pid)], { encoding: 'utf8' }).trim() || undefined
  } catch {
    return undefined
  }
}
