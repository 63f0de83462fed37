/**
 * Real processes of the program, as an operator has them: started, heard, killed
 * and ended by their pid. What they print goes into a file as well, which a
 * failed test keeps.
 */
import { spawn, type ChildProcess } from 'node:child_process'
import { cpSync, createWriteStream, mkdirSync, symlinkSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const ROOT = fileURLToPath(new URL('../..', import.meta.url))
/** What an installed program consists of: the build is copied, the rest linked. */
const LINKED = ['node_modules', 'package.json', 'infra']
/** What is kept of a process's output, to be matched and to be shown. */
const OUTPUT_CHARS_MAX = 400_000
const SAID_MAX_MS = 30_000
/** A process that does not end by itself in this time after being told to is killed. */
const STOP_MAX_MS = 20_000

export interface Exit {
  readonly code: number | null
  readonly signal: NodeJS.Signals | null
}

export interface Program {
  readonly name: string
  readonly pid: number
  /** What it has printed, its errors included. */
  readonly output: string
  /** Resolves when it has ended and said its last word. */
  readonly exited: Promise<Exit>
  readonly running: boolean
  /** The match, once the output has it. Throws, with the output's end, when the process ends first or takes too long. */
  said(pattern: RegExp): Promise<RegExpExecArray>
  signal(signal: NodeJS.Signals): void
  /** kill -9. */
  kill(): Promise<Exit>
  /** Asks it to end, and resolves when it has. */
  stop(signal?: NodeJS.Signals): Promise<Exit>
}

export interface ProgramOptions {
  readonly name: string
  readonly args: readonly string[]
  /** The whole environment but for PATH: nothing of the tester's own reaches the program. */
  readonly env: Readonly<Record<string, string>>
  readonly logFile: string
  /** Where {@link installProgram} put it. */
  readonly installed: string
  /** Another entry point than the program's own. */
  readonly main?: string
  readonly nodeFlags?: readonly string[]
}

/** Copies the build to `folder`, so that one made meanwhile does not change the program under a running test. */
export function installProgram(folder: string): void {
  mkdirSync(folder)
  cpSync(join(ROOT, 'dist'), join(folder, 'dist'), { recursive: true })
  for (const name of LINKED) symlinkSync(join(ROOT, name), join(folder, name))
}

/** Starts `node dist/infra/main.js <args>`; does not wait for anything. */
export function startProgram(options: ProgramOptions): Program {
  const { name, args, env, logFile, installed, nodeFlags = [] } = options
  const main = options.main ?? join(installed, 'dist', 'infra', 'main.js')
  const child = spawn(process.execPath, [...nodeFlags, main, ...args], {
    cwd: installed,
    env: { PATH: process.env['PATH'] ?? '', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const heard = makeEar(child, logFile)
  const exited = new Promise<Exit>((resolve) => {
    child.once('close', (code, signal) => resolve({ code, signal }))
    child.once('error', (error) => {
      heard.add(String(error))
      resolve({ code: null, signal: null })
    })
  })
  const running = () => child.exitCode === null && child.signalCode === null
  const told = (signal: NodeJS.Signals) => {
    if (running()) child.kill(signal)
    return exited
  }
  return {
    name,
    pid: child.pid ?? -1,
    exited,
    get output() {
      return heard.text
    },
    get running() {
      return running()
    },
    said: (pattern) => heard.match(pattern, exited, name),
    signal: (signal) => void (running() && child.kill(signal)),
    kill: () => told('SIGKILL'),
    async stop(signal = 'SIGTERM') {
      const timer = setTimeout(() => child.kill('SIGKILL'), STOP_MAX_MS)
      try {
        return await told(signal)
      } finally {
        clearTimeout(timer)
      }
    },
  }
}

/** Keeps what the process prints, and tells when a pattern has come. */
function makeEar(child: ChildProcess, logFile: string) {
  const file = createWriteStream(logFile, { flags: 'a' })
  const waiting = new Set<() => void>()
  const ear = {
    text: '',
    add(text: string) {
      file.write(text)
      ear.text = (ear.text + text).slice(-OUTPUT_CHARS_MAX)
      for (const look of waiting) look()
    },
    async match(pattern: RegExp, exited: Promise<unknown>, name: string): Promise<RegExpExecArray> {
      let timer: NodeJS.Timeout | undefined
      let look = () => {}
      const found = new Promise<RegExpExecArray | string>((resolve) => {
        look = () => {
          const match = pattern.exec(ear.text)
          if (match) resolve(match)
        }
        timer = setTimeout(() => resolve(`within ${SAID_MAX_MS} ms`), SAID_MAX_MS)
        void exited.then(() => {
          look()
          resolve('before it ended')
        })
        waiting.add(look)
        look()
      })
      const result = await found
      clearTimeout(timer)
      waiting.delete(look)
      if (typeof result !== 'string') return result
      throw new Error(
        `${name}: expected to hear ${String(pattern)}, and did not ${result}; it said:\n${lastLines(ear.text)}`,
      )
    },
  }
  for (const stream of [child.stdout, child.stderr])
    stream?.setEncoding('utf8').on('data', (text: string) => ear.add(text))
  child.once('close', () => file.end())
  return ear
}

export function lastLines(text: string, count = 15): string {
  return text.trimEnd().split('\n').slice(-count).join('\n')
}
