/**
 * What a settle may check and change besides the event itself, as plain data, so
 * that Redis and the in-memory bus carry it out alike: first every guard, then
 * every write, all or nothing.
 */

/** Why a guard refused: `stale`, the world moved on, run again on fresh knowledge; `illegal`, a bug. */
export type GuardFailure = 'stale' | 'illegal'

export type Guard = { readonly else: GuardFailure; readonly key: string } & (
  | { readonly if: 'field'; readonly field: string; readonly is: string }
  | { readonly if: 'field-among'; readonly field: string; readonly among: readonly string[] }
  /** The set has fewer members than `below`. */
  | { readonly if: 'room'; readonly below: number }
  | { readonly if: 'exists' }
  | { readonly if: 'absent' }
)

/** Redis commands, arguments as Redis takes them. Only these, because the in-memory bus speaks only these. */
export type Write =
  | readonly ['HSET', key: string, ...fieldsAndValues: string[]]
  | readonly ['HDEL', key: string, ...fields: string[]]
  | readonly ['HINCRBY', key: string, field: string, by: string]
  | readonly ['SADD' | 'SREM', key: string, member: string]
  | readonly ['ZADD', key: string, score: string, member: string]
  | readonly ['ZREM', key: string, member: string]
  | readonly ['SET', key: string, value: string, 'PX', ttlMs: string]
  | readonly ['DEL' | 'PERSIST', key: string]
  | readonly ['PEXPIRE', key: string, ttlMs: string]
  | readonly ['XDEL', key: string, id: string]
  | readonly ['XADD', key: string, 'MAXLEN', '~', max: string, '*', ...fieldsAndValues: string[]]
  | readonly ['XADD', key: string, '*', ...fieldsAndValues: string[]]

export interface Transaction {
  readonly guards: readonly Guard[]
  readonly writes: readonly Write[]
  /** It begins something that stays: refused while the server is out of memory, when all else still goes through. */
  readonly grows?: boolean
}
