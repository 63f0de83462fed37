/** A private redis-server (or valkey-server) on a unix socket in a temporary folder: no port, nothing of anyone else's in reach. */
import { spawn, spawnSync, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { SERVER_PROGRAMS } from '../../infra/redis/find-server.ts'

const START_MAX_MS = 15_000

/** A server program and the name it must be called by. */
interface ServerProgram {
  readonly file: string
  readonly argv0: string
}

/** The server programs present on this machine, one of each product; found as the product itself finds them. */
export const serverPrograms: readonly ServerProgram[] = SERVER_PROGRAMS.map(([file, argv0]) => ({ file, argv0 }))
  .filter(({ file, argv0 }) => spawnSync(file, ['--version'], { argv0 }).status === 0)
  .filter(({ argv0 }, index, all) => all.findIndex((other) => other.argv0 === argv0) === index)

export interface TestRedis {
  readonly url: string
  readonly socket: string
  readonly pid: number
  /** kill -9, as a power cut would. */
  kill(): Promise<void>
  /** Starts it again on the same data and socket. */
  restart(): Promise<void>
  freeze(): void
  thaw(): void
  /** Ends the server and removes its folder. */
  stop(): Promise<void>
}

/** Starts a server with an append-only file; throws when none is installed or it does not answer in time. */
export async function startRedis(
  options: { program?: ServerProgram; settings?: readonly string[]; fsync?: 'always' | 'everysec' } = {},
): Promise<TestRedis> {
  const program = options.program ?? serverPrograms[0]
  if (program === undefined)
    throw new Error('tests need a Redis or Valkey server program on PATH: apt install redis-tools')
  const folder = await mkdtemp(join(tmpdir(), 'nessus-mcp-redis-'))
  const socket = join(folder, 'redis.sock')
  const append = ['--appendonly', 'yes', '--appendfsync', options.fsync ?? 'everysec', '--save', '']
  const args = ['--port', '0', '--unixsocket', socket, '--dir', folder, ...append, ...(options.settings ?? [])]
  let child = await start(program, args, socket)
  const end = async () => {
    if (child.exitCode !== null || child.signalCode !== null) return
    const exited = once(child, 'exit')
    child.kill('SIGKILL')
    await exited
  }
  return {
    url: `unix:${socket}`,
    socket,
    get pid() {
      return child.pid!
    },
    kill: end,
    async restart() {
      await end()
      child = await start(program, args, socket)
    },
    freeze: () => void child.kill('SIGSTOP'),
    thaw: () => void child.kill('SIGCONT'),
    async stop() {
      await end()
      await rm(folder, { recursive: true, force: true })
    },
  }
}

async function start(program: ServerProgram, args: readonly string[], socket: string): Promise<ChildProcess> {
  const child = spawn(program.file, args, { stdio: 'ignore', argv0: program.argv0 })
  const givenUpAt = Date.now() + START_MAX_MS
  while (!(await answers(socket))) {
    if (Date.now() > givenUpAt || child.exitCode !== null) {
      child.kill('SIGKILL')
      throw new Error(
        `${program.file} did not answer on ${socket} within ${START_MAX_MS} ms (exit code ${child.exitCode})`,
      )
    }
    await sleep(20)
  }
  return child
}

/** Whether a PING is answered: a server that still loads its file accepts connections and refuses commands. */
function answers(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const link = connect(path)
    link.once('connect', () => link.write('PING\r\n'))
    link.once('data', (data) => {
      link.destroy()
      resolve(data.toString().startsWith('+PONG'))
    })
    link.once('error', () => resolve(false))
  })
}
