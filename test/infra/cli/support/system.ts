/** The built program as people run it: `nessus-mcp up` on free ports in a temporary folder, and commands against it. */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const PROGRAM = fileURLToPath(new URL('../../../../dist/infra/main.js', import.meta.url))
const START_MAX_MS = 40_000
const END_MAX_MS = 10_000

export interface System {
  /** Of the gateway's MCP endpoint. */
  readonly url: string
  readonly folder: string
  /** Ends the program as Ctrl-C does, and removes its folder. */
  stop(): Promise<void>
}

export interface SystemOptions {
  readonly scanSeconds?: number
  readonly env?: Readonly<Record<string, string>>
}

/** Everything that the program reads from the environment is given here, and nothing of the tests' own. */
function environment(extra: Readonly<Record<string, string>> = {}): Record<string, string> {
  const { PATH = '', HOME = '' } = process.env
  return { PATH, HOME, NO_COLOR: '1', ...extra }
}

/** Waits until the program says where it listens; throws with what it printed when it does not. */
export async function startSystem({ scanSeconds = 1, env = {} }: SystemOptions = {}): Promise<System> {
  const folder = await mkdtemp(join(tmpdir(), 'nessus-mcp-cli-'))
  // From a folder of its own, where no reports but the shipped ones lie near.
  const child = spawn(process.execPath, [PROGRAM, 'up', '--scan-seconds', String(scanSeconds)], {
    cwd: folder,
    env: environment({ PORT: '0', DATA_DIR: join(folder, 'data'), POLL_INTERVAL_SECONDS: '1', ...env }),
  })
  try {
    return { url: await endpointOf(child), folder, stop: () => end(child, folder) }
  } catch (error) {
    await end(child, folder)
    throw error
  }
}

async function endpointOf(child: ChildProcess): Promise<string> {
  let printed = ''
  const found = new Promise<string>((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error(`the system did not start in time: ${printed}`)), START_MAX_MS)
    const read = (chunk: Buffer) => {
      printed += chunk.toString()
      const url = /MCP endpoint +(\S+)\n/.exec(printed)?.[1]
      if (url === undefined) return
      clearTimeout(timer)
      resolve(url)
    }
    child.stdout?.on('data', read)
    child.stderr?.on('data', read)
    child.once('exit', (code) => {
      clearTimeout(timer)
      reject(new Error(`the system ended with ${code}: ${printed}`))
    })
  })
  return found
}

async function end(child: ChildProcess, folder: string): Promise<void> {
  if (child.exitCode === null && child.signalCode === null) {
    const exited = once(child, 'exit')
    child.kill('SIGINT')
    const timer = setTimeout(() => child.kill('SIGKILL'), END_MAX_MS)
    await exited
    clearTimeout(timer)
  }
  await rm(folder, { recursive: true, force: true })
}

export interface Ran {
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
}

export interface RunOptions {
  readonly env?: Readonly<Record<string, string>>
  readonly input?: string
  readonly cwd?: string
  /** Sends SIGINT once standard error holds this. */
  readonly interruptAt?: string
}

/** Runs one command to its end, with its output piped. */
export async function run(args: readonly string[], options: RunOptions = {}): Promise<Ran> {
  const child = spawn(process.execPath, [PROGRAM, ...args], {
    env: environment(options.env),
    ...(options.cwd === undefined ? {} : { cwd: options.cwd }),
  })
  let stdout = ''
  let stderr = ''
  let interrupted = false
  child.stdout.on('data', (chunk: Buffer) => (stdout += chunk.toString()))
  child.stderr.on('data', (chunk: Buffer) => {
    stderr += chunk.toString()
    if (interrupted || options.interruptAt === undefined || !stderr.includes(options.interruptAt)) return
    interrupted = true
    child.kill('SIGINT')
  })
  child.stdin.end(options.input ?? '')
  const [code] = (await once(child, 'close')) as [number | null]
  return { code, stdout, stderr }
}
