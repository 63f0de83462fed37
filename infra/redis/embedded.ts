/**
 * The private Redis of `up`: a child process on a unix socket, with its
 * append-only file under the data directory.
 *
 * 1. One owner per folder (ownership.ts); a server left by a killed run is ended first (predecessor.ts).
 * 2. What was acknowledged a second ago survives the death of everything (`appendfsync everysec`).
 * 3. The child has its own process group: Ctrl-C reaches us, and we stop it after our own work is settled.
 */
import { type ChildProcess, spawn } from 'node:child_process'
import { existsSync, readFileSync, renameSync, rmSync, statSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Log } from '../../lib/base/log.ts'
import { findServer, serverFolders, type ServerProgram } from './find-server.ts'
import { takeOwnership } from './ownership.ts'
import { endPredecessor, endProcess } from './predecessor.ts'
import { probeSocket } from './probe.ts'
import { privateRedis } from './running-redis.ts'

const START_MAX_MS = 120_000
const STOP_MAX_MS = 10_000
const PROBE_MAX_MS = 2000
const TICK_MS = 15
const LOG_FILE_BYTES_MAX = 8_388_608
const STDERR_CHARS_MAX = 4000

export interface EmbeddedRedisOptions {
  readonly dataDir: string
  readonly log: Log
  /** Called once when the server ends though nobody stopped it; `reason` is a sentence. */
  readonly onCrash?: (reason: string) => void
  /** Folders to look for a server in; the PATH and the usual ones by default. */
  readonly searchFolders?: readonly string[]
}

export interface EmbeddedRedis {
  readonly socket: string
  /** `unix://…`, as REDIS_URL takes it. */
  readonly url: string
  readonly pid: number
  readonly version: string
  /** Writes everything out and ends the server; a second call waits for the first. */
  stop(): Promise<void>
}

/**
 * Starts the private server and resolves when it has loaded its data and answers; a large file may take up to two
 * minutes. Throws PermanentError when there is no server program, FolderInUse when another process has the folder, and an Error with the end of
 * the server's log when it does not come up. Nothing is left running after an error.
 */
export async function startRedis(options: EmbeddedRedisOptions): Promise<EmbeddedRedis> {
  const { dataDir, log, onCrash, searchFolders = serverFolders(process.env['PATH']) } = options
  const program = await findServer(searchFolders)
  const { folder, socket, url } = privateRedis(dataDir)
  const ownership = await takeOwnership(
    folder,
    async () => (await probeSocket(socket, PROBE_MAX_MS)).state !== 'absent',
  )
  try {
    await endPredecessor({ folder, socket, stopMaxMs: STOP_MAX_MS, log })
    turnLogFile(folder)
    const child = launch(program, folder, socket)
    const { pid, version, stop } = await awaitReady({ child, program, folder, socket, onCrash, log })
    const stopAll = async (): Promise<void> => {
      await stop()
      if (dirname(socket) !== folder) rmSync(dirname(socket), { recursive: true, force: true })
      ownership.release()
    }
    let stopping: Promise<void> | undefined
    return { socket, url, pid, version, stop: () => (stopping ??= stopAll()) }
  } catch (error) {
    ownership.release()
    throw error
  }
}

function launch(program: ServerProgram, folder: string, socket: string): ChildProcess {
  const settings = {
    port: '0',
    unixsocket: socket,
    unixsocketperm: '700',
    dir: folder,
    logfile: join(folder, 'redis.log'),
    pidfile: join(folder, 'redis.pid'),
    appendonly: 'yes',
    appendfsync: 'everysec',
    save: '',
    'maxmemory-policy': 'noeviction',
    daemonize: 'no',
  }
  const args = Object.entries(settings).flatMap(([name, value]) => [`--${name}`, value])
  return spawn(program.command, args, {
    argv0: program.argv0,
    cwd: folder,
    detached: true,
    stdio: ['ignore', 'ignore', 'pipe'],
  })
}

interface Launched {
  readonly child: ChildProcess
  readonly program: ServerProgram
  readonly folder: string
  readonly socket: string
  readonly onCrash: ((reason: string) => void) | undefined
  readonly log: Log
}

async function awaitReady({ child, program, folder, socket, onCrash, log }: Launched) {
  let errors = ''
  child.stderr?.setEncoding('utf8').on('data', (text: string) => (errors = (errors + text).slice(-STDERR_CHARS_MAX)))
  let end: string | undefined
  let phase: 'starting' | 'up' | 'stopping' = 'starting'
  const ended = new Promise<void>((resolve) => {
    const onEnd = (reason: string): void => {
      if (end !== undefined) return
      end = reason
      resolve()
      if (phase !== 'up') return
      log.error('the private Redis ended by itself', { reason, logFile: join(folder, 'redis.log') })
      onCrash?.(reason)
    }
    child.once('error', (error) => onEnd(`could not be run: ${error.message}`))
    child.once('exit', (code, signal) => onEnd(signal === null ? `exited with code ${code}` : `was ended by ${signal}`))
  })
  // The last resort when we exit without stop(), as after an uncaught error.
  const onParentExit = (): void => void child.kill('SIGTERM')
  process.once('exit', onParentExit)
  void ended.then(() => process.off('exit', onParentExit))

  const stop = async (): Promise<void> => {
    phase = 'stopping'
    if (end === undefined && child.pid !== undefined) await endProcess(child.pid, STOP_MAX_MS)
    await ended
  }
  const giveUpAt = Date.now() + START_MAX_MS
  for (;;) {
    const found = end === undefined && existsSync(socket) ? await probeSocket(socket, PROBE_MAX_MS) : undefined
    if (found?.state === 'ready' && found.pid === child.pid) break
    if (end === undefined && Date.now() < giveUpAt) {
      await Promise.race([sleep(TICK_MS), ended])
      continue
    }
    const what = end ?? `did not answer on ${socket} within ${START_MAX_MS / 1000} s`
    await stop()
    throw new Error(`${program.command} ${what}; its last words: ${errors.trim() || lastLines(folder) || 'none'}`)
  }
  phase = 'up'
  return { pid: child.pid as number, version: `${program.product} ${program.version}`, stop }
}

function turnLogFile(folder: string): void {
  const file = join(folder, 'redis.log')
  if (existsSync(file) && statSync(file).size > LOG_FILE_BYTES_MAX) renameSync(file, `${file}.1`)
}

/** The end of the server's log, for a message. */
function lastLines(folder: string): string {
  const file = join(folder, 'redis.log')
  return existsSync(file) ? readFileSync(file, 'utf8').trimEnd().split('\n').slice(-5).join(' | ') : ''
}
