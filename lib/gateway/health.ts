/** How the gateway and what it stands on are doing, in the shape that monitors of this product know. */
import type { Bus } from '../bus/bus.ts'
import type { Caller } from './call-tool.ts'
import { makeHosts } from './hosts.ts'
import type { ScanFiles } from './scan-files.ts'
import { withTimeLimit } from '../base/time-limit.ts'

const CHECK_LIMIT_MS = 2500

export interface Health {
  readonly redis_healthy: boolean
  readonly filesystem_healthy: boolean
  /** `degraded`: what runs goes on, and something wants looking after; the answer is still 200, and {@link problems} says why. */
  readonly overall_status: 'healthy' | 'degraded' | 'unhealthy'
  readonly response_code: 200 | 503
  readonly version: string
  /** Tools that no worker serves just now: calls to them are refused. */
  readonly tools_without_worker: readonly string[]
  /** What is wrong, in sentences. */
  readonly problems: readonly string[]
}

export interface HealthDeps {
  readonly bus: Bus
  readonly caller: Caller
  readonly files: Pick<ScanFiles, 'check'>
  /** A sentence when Redis takes nothing new. Throws when Redis is not safe to use as it is set up. */
  readonly checkRedis?: (() => Promise<string | undefined>) | undefined
  /** A sentence when the tokens file is bad, and older tokens are in force. */
  readonly auth?: { readonly problem: string | undefined }
  readonly version: string
}

/** Answers within a few seconds, whatever is down. */
export function makeHealth({ bus, caller, files, checkRedis, auth, version }: HealthDeps): () => Promise<Health> {
  const hosts = makeHosts(bus)
  const unserved = async () => {
    const names = [...caller.tools.keys()]
    const served = await Promise.all(names.map((name) => hosts.serves(name)))
    return names.filter((_, at) => !served[at])
  }
  return async () => {
    const [tools, redis, filesystem] = await Promise.all([
      attempt('Redis', unserved()),
      attempt('Redis', checkRedis?.() ?? Promise.resolve(undefined)),
      attempt('The data directory', files.check()),
    ])
    // Two ways to notice one thing: it is told once.
    const redisProblem = tools.problem ?? redis.problem
    const healthy = redisProblem === undefined && filesystem.problem === undefined
    const missing = tools.value ?? []
    const lesser = [redis.value, auth?.problem].filter((problem) => problem !== undefined)
    return {
      redis_healthy: redisProblem === undefined,
      filesystem_healthy: filesystem.problem === undefined,
      overall_status: healthy ? (lesser.length === 0 ? 'healthy' : 'degraded') : 'unhealthy',
      response_code: healthy ? 200 : 503,
      version,
      tools_without_worker: missing,
      problems: [redisProblem, filesystem.problem, ...lesser].filter((problem) => problem !== undefined),
    }
  }
}

async function attempt<T>(what: string, work: Promise<T>): Promise<{ value?: T; problem?: string }> {
  try {
    return {
      value: await withTimeLimit(work, CHECK_LIMIT_MS, () => new Error(`no answer within ${CHECK_LIMIT_MS} ms`)),
    }
  } catch (error) {
    return { problem: `${what} is not usable: ${error instanceof Error ? error.message : String(error)}` }
  }
}
