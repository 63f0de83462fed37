/**
 * The whole system in one process, for tests that only call tools: a private
 * Redis, simulated scanners, a worker and a gateway on a free port. What one
 * opens is ended when it closes.
 */
import { randomUUID } from 'node:crypto'
import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { loadSettings } from '../../config/settings.ts'
import { functions } from '../../functions/index.ts'
import { startGateway } from '../../infra/processes/gateway.ts'
import type { SimulatorOptions } from '../../infra/simulator/options.ts'
import { startSimulator, type Simulator } from '../../infra/simulator/simulator.ts'
import { startWorker } from '../../infra/processes/worker.ts'
import { RedisBus } from '../../lib/bus/redis/redis-bus.ts'
import { makeRoutes, postsTo } from '../../lib/runtime/routes.ts'
import { makeLog } from '../../lib/observe/log.ts'
import { makeMetrics } from '../../lib/observe/metrics.ts'
import { keepsPromise } from './answer-fit.ts'
import { callTool, errorOf, resultOf, type ToolAnswer } from './http-tools.ts'
import { startRedis } from './redis.ts'

/** A twentieth of it is spent pending, and another stopping. */
const SLOW_SECONDS = 30

type Env = Readonly<Record<string, string>>
type Scanner = (simulator: Simulator) => object

export interface House {
  readonly url: string
  readonly folder: string
  readonly dataDir: string
  readonly importDir: string
  /** Scans take hardly any time on the quick one, and outlast a test on the slow one. */
  readonly quick: Simulator
  readonly slow: Simulator
  readonly bus: RedisBus
  /** All that was logged, as JSON lines. */
  readonly logged: string
  call(tool: string, args: object, headers?: Record<string, string>): Promise<ToolAnswer>
  /** The result of a call that must succeed. */
  result(tool: string, args: object): Promise<Answer>
  /** The HTTP status and the error of a call that must be refused. */
  refusal(tool: string, args: object, headers?: Record<string, string>): Promise<Refused>
  /** Starts a scan with `run_untrusted_scan`; its task id. */
  start(args?: object): Promise<string>
  /** The status once `done` holds; looks again at each change. */
  until(taskId: string, done: (status: Answer) => boolean): Promise<Answer>
  /** The status once the scan has ended. */
  ended(taskId: string): Promise<Answer>
  /** Posts an upkeep event, as the clock does, to whoever consumes it. */
  post(type: string, data?: object): Promise<void>
  close(): Promise<void>
}

export type Answer = Readonly<Record<string, unknown>>
export interface Refused {
  readonly http: number
  readonly code: string
  readonly message: string
  readonly arguments?: readonly string[]
  readonly task_id?: string
}

export interface HouseOptions {
  readonly env?: Env
  /** scanners.yaml, given the two simulators. Default: pool nessus on the quick one, pool slow on the slow one. */
  readonly config?: (simulators: { quick: Simulator; slow: Simulator }) => object
  readonly tokens?: readonly object[]
  readonly simulator?: SimulatorOptions
}

/** The entry of scanners.yaml for a simulator. */
export const scanner =
  (instance: string, more: object = {}): Scanner =>
  ({ url, accessKey, secretKey }) => ({
    instance_id: instance,
    url,
    access_key: accessKey,
    secret_key: secretKey,
    max_concurrent_scans: 4,
    ...more,
  })

export async function openHouse(options: HouseOptions = {}): Promise<House> {
  const folder = mkdtempSync(join(tmpdir(), 'nessus-mcp-house-'))
  const closing: (() => Promise<unknown>)[] = [() => rm(folder, { recursive: true, force: true })]
  const close = async () => {
    for (const end of closing.toReversed()) await end()
  }
  try {
    const redis = await startRedis()
    closing.push(() => redis.stop())
    const quick = await startSimulator({ scanSeconds: 0.05, ...options.simulator })
    const slow = await startSimulator({ scanSeconds: SLOW_SECONDS, seed: 2, ...options.simulator })
    closing.push(
      () => quick.close(),
      () => slow.close(),
    )
    const settings = loadSettings({ ...filesOf(folder, options, { quick, slow }), ...options.env })
    const lines: string[] = []
    const log = makeLog({ level: 'debug', format: 'json', stream: { write: (line) => void lines.push(line) } })
    const parts = { settings, redisUrl: redis.url, metrics: makeMetrics({ log, runtime: false }), log }
    const worker = await startWorker(parts)
    closing.push(() => worker.close())
    const gateway = await startGateway(parts)
    closing.push(() => gateway.close())
    const bus = new RedisBus({ url: redis.url, name: settings.redisPrefix, consumer: 'test', log })
    closing.push(() => bus.close())
    const places = { folder, dataDir: settings.dataDir, importDir: settings.importDir ?? '' }
    const face = callsOf(gateway.url)
    const post = (type: string, data: object = {}) => postEvent(bus, type, data)
    return {
      url: gateway.url,
      ...places,
      quick,
      slow,
      bus,
      ...face,
      post,
      close,
      get logged() {
        return lines.join('')
      },
    }
  } catch (error) {
    await close()
    throw error
  }
}

function filesOf(folder: string, options: HouseOptions, simulators: { quick: Simulator; slow: Simulator }): Env {
  const config = join(folder, 'scanners.yaml')
  const importDir = join(folder, 'imports')
  mkdirSync(importDir)
  const pools = options.config?.(simulators) ?? {
    nessus: [scanner('quick')(simulators.quick)],
    slow: [scanner('slow')(simulators.slow)],
  }
  // JSON is YAML.
  writeFileSync(config, JSON.stringify(pools))
  const tokens = join(folder, 'tokens.yaml')
  if (options.tokens) writeFileSync(tokens, JSON.stringify(options.tokens))
  return {
    PORT: '0',
    DATA_DIR: join(folder, 'data'),
    IMPORT_DIR: importDir,
    SCANNER_CONFIG: config,
    POLL_INTERVAL_SECONDS: '0.05',
    SHUTDOWN_GRACE_SECONDS: '1',
    ...(options.tokens ? { AUTH_TOKENS_FILE: tokens } : {}),
  }
}

function callsOf(url: string) {
  const call: House['call'] = (tool, args, headers = {}) => callTool(url, tool, args, { headers })
  const result = async (tool: string, args: object) => {
    const answer = (await resultOf(url, tool, args)) as Answer
    keepsPromise(tool, answer)
    return answer
  }
  const until: House['until'] = async (taskId, done) => {
    for (;;) {
      const status = await result('get_scan_status', { task_id: taskId, wait_seconds: 20 })
      if (done(status)) return status
    }
  }
  return {
    call,
    result,
    until,
    async refusal(tool: string, args: object, headers?: Record<string, string>): Promise<Refused> {
      const answer = await call(tool, args, headers)
      if (answer.status < 400) throw new Error(`${tool}: expected a refusal, got ${JSON.stringify(answer.body)}`)
      return { http: answer.status, ...errorOf(answer) }
    },
    start: async (args: object = {}) =>
      String((await result('run_untrusted_scan', { targets: '192.0.2.1', name: 'network', ...args }))['task_id']),
    ended: (taskId: string) => until(taskId, ({ status }) => status !== 'queued' && status !== 'running'),
  }
}

async function postEvent(bus: RedisBus, type: string, data: object): Promise<void> {
  const time = bus.now().toISOString()
  const event = { specversion: '1.0' as const, id: randomUUID(), type, source: 'test', time, data }
  await bus.publish(postsTo(makeRoutes(functions), event))
}
