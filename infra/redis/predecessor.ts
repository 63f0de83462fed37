/**
 * Ends the server that an earlier run left behind (its parent was killed and
 * could not). Only a process that proves to be ours is touched: it answers on
 * our socket, or runs under the recorded id and shows our socket in its command
 * line.
 */
import { readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Log } from '../../lib/base/log.ts'
import { commandLine, processIdentity } from './process-identity.ts'
import { probeSocket } from './probe.ts'

const PROBE_MAX_MS = 2000
const TICK_MS = 20

export interface PredecessorOptions {
  readonly folder: string
  readonly socket: string
  /** Time a predecessor gets to write out its file before it is killed. */
  readonly stopMaxMs: number
  readonly log: Log
}

/** Ends a server left over from an earlier run, if there is one; afterwards the socket and the folder are free. */
export async function endPredecessor({ folder, socket, stopMaxMs, log }: PredecessorOptions): Promise<void> {
  const found = await probeSocket(socket, PROBE_MAX_MS)
  const pid = found.state === 'ready' || found.state === 'loading' ? found.pid : recordedPid(folder)
  if (pid !== undefined && isOurs(pid, socket)) {
    log.warn('ending the Redis that an earlier run left behind', { pid, state: found.state })
    await endProcess(pid, stopMaxMs)
  }
  rmSync(socket, { force: true })
}

/** SIGTERM lets Redis write out its append-only file; SIGKILL comes after `stopMaxMs`. Resolves when the process is gone. */
export async function endProcess(pid: number, stopMaxMs: number): Promise<void> {
  const identity = processIdentity(pid)
  const isGone = (): boolean => identity === undefined || processIdentity(pid) !== identity
  for (const [signal, waitMs] of [
    ['SIGTERM', stopMaxMs],
    ['SIGKILL', stopMaxMs],
  ] as const) {
    if (isGone()) return
    try {
      process.kill(pid, signal)
      // A stopped process takes SIGTERM only once it continues.
      process.kill(pid, 'SIGCONT')
    } catch {
      return
    }
    for (let waitedMs = 0; waitedMs < waitMs && !isGone(); waitedMs += TICK_MS) await sleep(TICK_MS)
  }
  if (!isGone()) throw new Error(`process ${pid} does not end, not even by SIGKILL; it may wait for a disk`)
}

function recordedPid(folder: string): number | undefined {
  try {
    const pid = Number(readFileSync(join(folder, 'redis.pid'), 'utf8').trim())
    return Number.isInteger(pid) && pid > 1 ? pid : undefined
  } catch {
    return undefined
  }
}

function isOurs(pid: number, socket: string): boolean {
  const line = commandLine(pid) ?? ''
  return /(redis|valkey)-server/.test(line) && line.includes(socket)
}
