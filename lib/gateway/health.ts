/** How the gateway and what it stands on are doing, in the shape that monitors of this product know. */
import type { Bus } from '../bus/bus.ts'
import type { Caller } from './call-tool.ts'
import { makeHosts } from './hosts.ts'
import type { ScanFiles } from './scan-files.ts'
import { within } from './within.ts'

const CHECK_LIMIT_MS = 2500

export interface Health {
  readonly redis_healthy: boolean
  readonly filesystem_healthy: boolean
  readonly overall_status: 'healthy' | 'unhealthy'
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
  readonly version: string
}

/** Answers within a few seconds, whatever is down. */
export function makeHealth({ bus, caller, files, version }: HealthDeps): () => Promise<Health> {
  const hosts = makeHosts(bus)
  const unserved = async () => {
    const names = [...caller.tools.keys()]
    const served = await Promise.all(names.map((name) => hosts.serves(name)))
    return names.filter((_, at) => !served[at])
  }
  return async () => {
    const [tools, filesystem] = await Promise.all([
      attempt('Redis', unserved()),
      attempt('The data directory', files.check()),
    ])
    const healthy = tools.problem === undefined && filesystem.problem === undefined
    const missing = tools.value ?? []
    return {
      redis_healthy: tools.problem === undefined,
      filesystem_healthy: filesystem.problem === undefined,
      overall_status: healthy ? 'healthy' : 'unhealthy',
      response_code: healthy ? 200 : 503,
      version,
      tools_without_worker: missing,
      problems: [tools.problem, filesystem.problem].filter((problem) => problem !== undefined),
    }
  }
}

async function attempt<T>(what: string, work: Promise<T>): Promise<{ value?: T; problem?: string }> {
  try {
    return { value: await within(work, CHECK_LIMIT_MS, () => new Error(`no answer within ${CHECK_LIMIT_MS} ms`)) }
  } catch (error) {
    return { problem: `${what} is not usable: ${error instanceof Error ? error.message : String(error)}` }
  }
}
