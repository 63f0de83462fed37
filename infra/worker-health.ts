/** How a worker is doing: without Redis or the data directory it does nothing. */
import { causeChain } from '../lib/base/cause-chain.ts'
import { within } from '../lib/gateway/within.ts'
import { checkDataFolder } from './data-folder.ts'
import type { RedisWatch } from './redis/watch.ts'

const REDIS_LIMIT_MS = 2000

export type WorkerHealth = {
  readonly healthy: boolean
  readonly redis_healthy: boolean
  readonly filesystem_healthy: boolean
  /** What is wrong, in sentences. */
  readonly problems: readonly string[]
}

/** Answers within a few seconds, whatever is down. */
export async function workerHealth(watch: Pick<RedisWatch, 'check'>, dataDir: string): Promise<WorkerHealth> {
  const [redis, filesystem] = await Promise.all([
    problemOf(within(watch.check(), REDIS_LIMIT_MS, () => new Error('Redis does not answer'))),
    problemOf(checkDataFolder(dataDir)),
  ])
  const problems = [...redis, ...filesystem]
  return {
    healthy: problems.length === 0,
    redis_healthy: redis.length === 0,
    filesystem_healthy: filesystem.length === 0,
    problems,
  }
}

/** Why it failed, in one line; nothing when it did not. */
function problemOf(work: Promise<unknown>): Promise<string[]> {
  return work.then(
    () => [],
    (error: unknown) => [causeChain(error).join(': ')],
  )
}
