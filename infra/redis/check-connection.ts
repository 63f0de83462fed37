/** The check of Redis that gateway and worker make at their start. */
import { PermanentError } from '../../lib/base/errors.ts'
import type { Log } from '../../lib/base/log.ts'
import type { Connection } from '../../lib/bus/redis/connection/connection.ts'
import { checkRedis, type RedisFacts } from './requirements.ts'

/**
 * What Redis is. Throws PermanentError, with the remedy, when Redis does not answer within some seconds or is not what we need. What it
 * answers is judged outside the connection's calls: those would repeat a refusal as they repeat a lost connection.
 */
export async function checkConnection(connection: Pick<Connection, 'call'>, log: Log): Promise<RedisFacts> {
  const client = {
    info: () => connection.call((redis) => redis.info()),
    configGet: (parameter: string) => connection.call((redis) => redis.configGet(parameter)),
  }
  try {
    return await checkRedis({ client, log })
  } catch (cause) {
    if (cause instanceof PermanentError) throw cause
    throw new PermanentError('Redis cannot be reached. Start it, or set REDIS_URL to where it runs.', { cause })
  }
}
