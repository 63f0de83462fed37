/** Looks now and then whether Redis still is what was checked at the start: a policy can be changed under a running system. */
import { PermanentError } from '../../lib/base/errors.ts'
import { type Log, silentLog } from '../../lib/base/log.ts'
import type { Connection } from '../../lib/bus/redis/connection.ts'
import { checkConnection } from './check-connection.ts'

const EVERY_MS = 15_000

export interface RedisWatch {
  /** Looks now. Throws PermanentError when Redis must not be used as it is; a Redis that is away is told of by others. */
  check(): Promise<void>
  /** One look of the watch's own: what is wrong is logged when it comes and when it goes. */
  look(): Promise<void>
  close(): void
}

export function watchRedis({ connection, log }: { connection: Pick<Connection, 'call'>; log: Log }): RedisWatch {
  let known: string | undefined
  const check = () => checkConnection(connection, silentLog)
  const look = async () => {
    const problem = await check().then(() => undefined, problemOf)
    if (problem !== undefined && problem !== known) log.error('Redis is not safe to use any more', { problem })
    if (problem === undefined && known !== undefined) log.info('Redis is safe to use again')
    known = problem
  }
  const timer = setInterval(() => void look(), EVERY_MS).unref()
  return { check, look, close: () => clearInterval(timer) }
}

/** Of a Redis that answers; one that does not is noticed by every call. */
function problemOf(error: unknown): string | undefined {
  return error instanceof PermanentError && error.cause === undefined ? error.message : undefined
}
