/** Looks now and then whether Redis still is what was checked at the start: a policy can be changed under a running system. */
import { PermanentError } from '../../lib/base/errors.ts'
import { type Log, silentLog } from '../../lib/base/log.ts'
import type { Connection } from '../../lib/bus/redis/connection/connection.ts'
import { checkConnection } from './check-connection.ts'

const EVERY_MS = 15_000

export interface RedisWatch {
  /**
   * Looks now: a sentence when Redis takes nothing new. Throws PermanentError when Redis must not be used as it is; a
   * Redis that is away is told of by others.
   */
  check(): Promise<string | undefined>
  /** One look of the watch's own: what is wrong is logged when it comes and when it goes. */
  look(): Promise<void>
  /** Of its `maxmemory`, as last seen; `undefined` when it has none, or when nobody has looked yet. */
  memoryShare(): number | undefined
  close(): void
}

/** What was wrong with it at the last look: not to be used at all, or taking nothing new. */
interface Seen {
  readonly problem?: string | undefined
  readonly shortage?: string | undefined
}

export function watchRedis({ connection, log }: { connection: Pick<Connection, 'call'>; log: Log }): RedisWatch {
  let known: Seen = {}
  let share: number | undefined
  const check = async () => {
    const { shortage, memoryShare } = await checkConnection(connection, silentLog)
    share = memoryShare
    return shortage
  }
  const look = async () => {
    const seen = await check().then((shortage): Seen => ({ shortage }), seenIn)
    if (!seen) return
    const { problem, shortage } = seen
    if (problem !== undefined && problem !== known.problem) log.error('Redis is not safe to use any more', { problem })
    if (problem === undefined && known.problem !== undefined) log.info('Redis is safe to use again')
    if (shortage !== undefined && known.shortage === undefined)
      log.warn('Redis takes nothing new', { problem: shortage })
    if (shortage === undefined && known.shortage !== undefined) log.info('Redis takes new scans again')
    known = seen
  }
  const timer = setInterval(() => void look(), EVERY_MS).unref()
  return { check, look, memoryShare: () => share, close: () => clearInterval(timer) }
}

/** Of a Redis that answers; one that does not is noticed by every call, and changes nothing that is known of it. */
function seenIn(error: unknown): Seen | undefined {
  return error instanceof PermanentError && error.cause === undefined ? { problem: error.message } : undefined
}
