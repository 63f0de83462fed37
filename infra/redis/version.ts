/** Which servers will do: Redis 7.0 or newer, Valkey 8.0 or newer. */

export interface ServerVersion {
  readonly product: 'Redis' | 'Valkey'
  /** As the server says it: `7.0.15`. */
  readonly version: string
}

export const OLDEST_MAJOR = { Redis: 7, Valkey: 8 } as const
/** For messages: `Redis 7.0 or newer, or Valkey 8.0 or newer`. */
export const WANTED = `Redis ${OLDEST_MAJOR.Redis}.0 or newer, or Valkey ${OLDEST_MAJOR.Valkey}.0 or newer`

export function isSupported({ product, version }: ServerVersion): boolean {
  return Number.parseInt(version, 10) >= OLDEST_MAJOR[product]
}

/** Reads what `redis-server --version` prints; `undefined` when it is no such server. */
export function versionFromCommand(output: string): ServerVersion | undefined {
  const match = /\b(redis|valkey) server v=(\d+\.\d+\.\d+)/i.exec(output)
  if (match?.[1] === undefined || match[2] === undefined) return undefined
  return { product: match[1].toLowerCase() === 'valkey' ? 'Valkey' : 'Redis', version: match[2] }
}

/** Reads the fields of an INFO reply. Valkey also claims a Redis version, for old clients: its own comes first. */
export function versionFromInfo(info: ReadonlyMap<string, string>): ServerVersion | undefined {
  const valkey = info.get('valkey_version')
  if (valkey !== undefined) return { product: 'Valkey', version: valkey }
  const redis = info.get('redis_version')
  return redis === undefined ? undefined : { product: 'Redis', version: redis }
}

/** The `name:value` lines of an INFO reply. */
export function parseInfo(reply: string): ReadonlyMap<string, string> {
  const fields = new Map<string, string>()
  for (const line of reply.split(/\r?\n/)) {
    const colon = line.indexOf(':')
    if (colon > 0 && !line.startsWith('#')) fields.set(line.slice(0, colon), line.slice(colon + 1))
  }
  return fields
}
