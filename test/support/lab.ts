/**
 * A temporary folder with real processes in it: Redis, simulated scanners,
 * gateways, workers. Everything that was started in a lab is ended when it
 * closes; after a failed test the folder stays, and its place is printed.
 */
import { cpSync, existsSync, mkdtempSync } from 'node:fs'
import { rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import type { TestContext } from 'vitest'
import { installProgram, lastLines, startProgram, type Program, type ProgramOptions } from './processes.ts'
import { startRedis, type TestRedis } from './redis.ts'

type Env = Readonly<Record<string, string>>

export interface Served {
  readonly url: string
  readonly program: Program
}

export interface SimulatorFacts {
  readonly url: string
  readonly accessKey: string
  readonly secretKey: string
  readonly username: string
  readonly password: string
}

export interface LabSimulator extends SimulatorFacts {
  readonly program: Program
}

export interface Lab {
  readonly folder: string
  /** Where the program is, for fixtures that import its modules. */
  readonly installed: string
  /** Starts the program with `args`; waits for nothing. */
  run(
    name: string,
    args: readonly string[],
    options?: Partial<Pick<ProgramOptions, 'main' | 'nodeFlags'>> & { env?: Env },
  ): Program
  redis(options?: Parameters<typeof startRedis>[0]): Promise<TestRedis>
  simulator(name: string, flags?: readonly string[]): Promise<LabSimulator>
  /** Writes scanners.yaml: pools with their entries. */
  scanners(pools: Readonly<Record<string, readonly object[]>>): Promise<string>
  gateway(name: string, env: Env, options?: Partial<ProgramOptions>): Promise<Served>
  worker(name: string, env: Env, options?: Partial<ProgramOptions>): Promise<Program>
  /** Ends everything; keeps the folder and prints the last lines of every process when asked. */
  close(options?: { keep: boolean }): Promise<void>
}

/** Opens a lab that closes by itself when the test that opens it ends. */
export function openTestLab({ onTestFinished }: Pick<TestContext, 'onTestFinished'>): Lab {
  const lab = openLab()
  onTestFinished(async ({ task }) => lab.close({ keep: task.result?.state === 'fail' }))
  return lab
}

/** Opens a lab that its opener closes. */
export function openLab(): Lab {
  const folder = mkdtempSync(join(tmpdir(), 'nessus-mcp-lab-'))
  const installed = join(folder, 'program')
  installProgram(installed)
  const programs: Program[] = []
  const servers: TestRedis[] = []
  const run: Lab['run'] = (name, args, { env = {}, ...options } = {}) => {
    const program = startProgram({
      ...options,
      installed,
      name,
      args,
      env: { ...base(folder), ...scannersOf(folder), ...env },
      logFile: join(folder, `${name}.log`),
    })
    programs.push(program)
    return program
  }
  return {
    folder,
    installed,
    run,
    async redis(options) {
      const redis = await startRedis(options)
      servers.push(redis)
      return redis
    },
    async simulator(name, flags = []) {
      const program = run(name, ['simulator', '--port', '0', '--json', ...flags])
      const [line] = await program.said(/^\{"url".*\}$/m)
      return { ...(JSON.parse(line) as SimulatorFacts), program }
    },
    async scanners(pools) {
      const file = join(folder, 'scanners.yaml')
      // JSON is YAML.
      await writeFile(file, JSON.stringify(pools, null, 2))
      return file
    },
    async gateway(name, env, options) {
      const program = run(name, ['gateway'], { ...options, env })
      const [, url = ''] = await program.said(/"gateway listens","url":"([^"]+)"/)
      return { url, program }
    },
    async worker(name, env, options) {
      const program = run(name, ['worker'], { ...options, env })
      await program.said(/"worker started"/)
      return program
    },
    async close({ keep = false } = { keep: false }) {
      // A frozen process hears nothing until it goes on; a killed one need not.
      await Promise.all(programs.map((program) => program.kill()))
      if (keep) servers.forEach((redis, n) => keepData(redis, join(folder, `redis-${n}`)))
      await Promise.all(servers.map((redis) => redis.stop()))
      if (!keep) return rm(folder, { recursive: true, force: true })
      const ends = programs.map(({ name, output }) => `--- ${name}\n${lastLines(output)}`)
      process.stderr.write(`${ends.join('\n')}\nThe folder of this test is kept: ${folder}\n`)
    },
  }
}

/** What Redis held, to be looked at with a server of one's own. */
function keepData({ socket }: TestRedis, to: string): void {
  const data = join(dirname(socket), 'appendonlydir')
  if (existsSync(data)) cpSync(data, to, { recursive: true })
}

function base(folder: string): Env {
  return {
    HOME: folder,
    LOG_FORMAT: 'json',
    PORT: '0',
    DATA_DIR: join(folder, 'data'),
    POLL_INTERVAL_SECONDS: '0.2',
  }
}

/** Its scanners.yaml, once there is one. */
function scannersOf(folder: string): Env {
  const file = join(folder, 'scanners.yaml')
  return existsSync(file) ? { SCANNER_CONFIG: file } : {}
}

/** The entry of scanners.yaml for a simulator. */
export function entryFor(simulator: SimulatorFacts, instance: string, slots = 2): object {
  const { url, accessKey, secretKey } = simulator
  return {
    instance_id: instance,
    name: instance,
    url,
    max_concurrent_scans: slots,
    access_key: accessKey,
    secret_key: secretKey,
  }
}
