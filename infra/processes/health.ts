/** How a worker is doing: without Redis or the data directory it does nothing. */
import { causeChain } from '../../lib/base/cause-chain.ts'
import { withTimeLimit } from '../../lib/base/time-limit.ts'
import { checkDataFolder } from './data-folder.ts'
import type { RedisWatch } from '../redis/watch.ts'

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
    outcomeOf(withTimeLimit(watch.check(), REDIS_LIMIT_MS, () => new Error('Redis does not answer'))),
    outcomeOf(checkDataFolder(dataDir)),
  ])
  return {
    healthy: redis.problem === undefined && filesystem.problem === undefined,
    redis_healthy: redis.problem === undefined,
    filesystem_healthy: filesystem.problem === undefined,
    // Short of memory, a worker still does all there is for it to do.
    problems: [redis.problem, redis.value, filesystem.problem].filter((problem) => problem !== undefined),
  }
}

/** What came of it, or why it failed, in one line. */
function outcomeOf<T>(work: Promise<T>): Promise<{ value?: T; problem?: string }> {
  return work.then(
    (value) => ({ value }),
    (error: unknown) => ({ problem: causeChain(error).join(': ') }),
  )
}
