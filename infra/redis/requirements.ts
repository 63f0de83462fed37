/**
 * What any Redis we are pointed at must be, checked once at start: new enough,
 * and never evicting. An evicting Redis drops the oldest keys when memory runs
 * short, and those are the queue.
 */
import { PermanentError } from '../../lib/base/errors.ts'
import type { Log } from '../../lib/base/log.ts'
import { isSupported, parseInfo, type ServerVersion, versionFromInfo, WANTED } from './version.ts'

/** The two commands the check needs; a node-redis client is one. */
export interface RequirementsClient {
  info(): Promise<string>
  configGet(parameter: string): Promise<Record<string, string | undefined>>
}

export interface RedisFacts extends ServerVersion {
  /** `unknown` when the service does not let us ask. */
  readonly persistence: 'append-only' | 'snapshots' | 'none' | 'unknown'
  /** A sentence with the remedy, when it takes nothing new just now; all else goes on. */
  readonly shortage: string | undefined
  /** How much of its `maxmemory` it uses: above 1 there is a {@link shortage}; absent when it has no limit. */
  readonly memoryShare: number | undefined
}

/**
 * Checks the server behind `client` and tells what it is. Throws PermanentError, with the remedy, when it is too old or
 * may evict; warns when what it holds would not survive a restart, or when it does not let us ask.
 */
export async function checkRedis({ client, log }: { client: RequirementsClient; log: Log }): Promise<RedisFacts> {
  const info = parseInfo(await client.info())
  const server = versionFromInfo(info)
  if (server === undefined)
    throw new PermanentError(`Redis: expected ${WANTED}, got a server that does not tell its version`)
  if (!isSupported(server)) {
    throw new PermanentError(
      `Redis: expected ${WANTED}, got ${server.product} ${server.version}; upgrade it, or set REDIS_URL to a newer one`,
    )
  }
  // INFO comes first: managed services often refuse CONFIG.
  const policy = info.get('maxmemory_policy') ?? (await setting(client, 'maxmemory-policy'))
  if (policy === undefined) {
    log.warn('Redis does not tell its maxmemory-policy: make sure that it is noeviction, or queued scans may vanish')
  } else if (policy !== 'noeviction') {
    throw new PermanentError(
      `Redis: expected maxmemory-policy noeviction, got ${policy}, which drops queued scans when memory runs short; ` +
        'run CONFIG SET maxmemory-policy noeviction, and put it into redis.conf (at a managed service: its parameter group)',
    )
  }
  return { ...server, persistence: await persistence(client, info, log), ...memory(info) }
}

/** Redis counts neither what it has yet to send to replicas nor what it has yet to append to its file. */
function memory(info: ReadonlyMap<string, string>): Pick<RedisFacts, 'shortage' | 'memoryShare'> {
  const [used, uncounted, max] = ['used_memory', 'mem_not_counted_for_evict', 'maxmemory'].map((name) =>
    Number(info.get(name) ?? 0),
  ) as [number, number, number]
  if (max === 0) return { shortage: undefined, memoryShare: undefined }
  const counted = used - uncounted
  const shortage =
    `Redis is out of memory (it uses ${counted} bytes of maxmemory ${max}): new scans are refused, those that were accepted go on. ` +
    'Give it more (CONFIG SET maxmemory, and in redis.conf), or delete old scans (nessus-mcp delete <task_id>).'
  return { shortage: counted > max ? shortage : undefined, memoryShare: counted / max }
}

async function persistence(
  client: RequirementsClient,
  info: ReadonlyMap<string, string>,
  log: Log,
): Promise<RedisFacts['persistence']> {
  if (info.get('aof_enabled') === '1') return 'append-only'
  // While it reads its file after a restart, it tells that it appends to none.
  if (info.get('loading') === '1' && (await setting(client, 'appendonly')) === 'yes') return 'append-only'
  const save = await setting(client, 'save')
  if (save === undefined) {
    log.warn('Redis does not tell whether it keeps snapshots: without any, a restart of Redis loses scans in progress')
    return 'unknown'
  }
  if (save === '') {
    log.warn('Redis keeps nothing on disk, so its restart loses scans in progress: set appendonly yes')
    return 'none'
  }
  log.warn('Redis keeps only snapshots, so its crash loses what came after the last one: set appendonly yes', { save })
  return 'snapshots'
}

async function setting(client: RequirementsClient, name: string): Promise<string | undefined> {
  try {
    return (await client.configGet(name))[name]
  } catch (error) {
    // Refused (`NOPERM`, `unknown command`) means unknown; a lost connection is not an answer.
    if (error instanceof Error && /^(NOPERM|ERR) /.test(error.message)) return undefined
    throw error
  }
}
