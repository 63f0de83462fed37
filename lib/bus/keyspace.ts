/** The one field of what is read as a hash and is none: one key that holds another type must not keep the others from being read. */
export const NOT_A_HASH = '(not a hash)'

/** The reading side of the store: the few questions the system asks of Redis, so that the in-memory bus can answer them too. */
export interface Keyspace {
  get(key: string): Promise<string | undefined>
  /** All fields of a hash; empty when there is none, {@link NOT_A_HASH} alone when the key holds another type. */
  hash(key: string): Promise<Readonly<Record<string, string>>>
  /** One field of a hash. */
  field(key: string, name: string): Promise<string | undefined>
  /** Some fields of a hash, in the order of `names`: a hash that grows without end is never read whole. */
  fields(key: string, names: readonly string[]): Promise<(string | undefined)[]>
  /** The names of all fields of a hash. */
  fieldNames(key: string): Promise<string[]>
  /** As {@link hash}, for many in one go. */
  hashes(keys: readonly string[]): Promise<Readonly<Record<string, string>>[]>
  members(key: string): Promise<string[]>
  size(setKey: string): Promise<number>
  /** Members of a sorted set by rank, lowest score first, or highest first with `reverse`; `stop` is inclusive, -1 is the last. */
  range(key: string, start: number, stop: number, options?: { reverse?: boolean }): Promise<string[]>
  /** As {@link range}, with scores. */
  ranked(key: string, start: number, stop: number): Promise<{ member: string; score: number }[]>
  /** Members with a score of at most `max`, lowest first, `limit` of them. */
  upTo(key: string, max: number, limit: number): Promise<string[]>
  rank(key: string, member: string): Promise<number | undefined>
  score(key: string, member: string): Promise<number | undefined>
  /** Members of a sorted set, or those with a score below `below`. */
  count(key: string, below?: number): Promise<number>
  /** Entries of a stream, oldest first, from `start` (inclusive id, `-` for the first). */
  entries(key: string, start: string, limit: number): Promise<StreamEntry[]>
  /** The last entry of a stream; `undefined` when there is none. */
  newest(key: string): Promise<StreamEntry | undefined>
  /** Length of a stream. */
  length(key: string): Promise<number>
}

export interface StreamEntry {
  readonly id: string
  readonly fields: Readonly<Record<string, string>>
}
