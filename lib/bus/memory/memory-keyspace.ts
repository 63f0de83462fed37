/** The few Redis data types and commands the system uses, in this process's memory. Synchronous inside, so that a transaction is atomic. */
import assert from 'node:assert/strict'
import { NOT_A_HASH, type Keyspace, type StreamEntry } from '../keyspace.ts'
import type { Guard, Write } from '../transaction.ts'

type Value = string | Map<string, string> | Set<string> | SortedSet | StreamEntry[]
class SortedSet extends Map<string, number> {}

export class MemoryKeyspace implements Keyspace {
  readonly data = new Map<string, Value>()
  readonly #expiries = new Map<string, number>()
  readonly #now: () => number
  readonly #onAppend = new Set<() => void>()
  #sequence = 0

  constructor(now: () => number) {
    this.#now = now
  }

  async get(key: string): Promise<string | undefined> {
    return this.#read(key) as string | undefined
  }

  async hash(key: string): Promise<Record<string, string>> {
    return Object.fromEntries(this.#hash(key))
  }

  async field(key: string, name: string): Promise<string | undefined> {
    return this.#hash(key).get(name)
  }

  async fields(key: string, names: readonly string[]): Promise<(string | undefined)[]> {
    return names.map((name) => this.#hash(key).get(name))
  }

  async fieldNames(key: string): Promise<string[]> {
    return [...this.#hash(key).keys()]
  }

  async hashes(keys: readonly string[]): Promise<Record<string, string>[]> {
    return keys.map((key) => Object.fromEntries(this.#hash(key)))
  }

  async members(key: string): Promise<string[]> {
    return [...this.#set(key)]
  }

  async size(key: string): Promise<number> {
    return this.#set(key).size
  }

  async range(key: string, start: number, stop: number, options: { reverse?: boolean } = {}): Promise<string[]> {
    const members = this.sorted(key).map(([member]) => member)
    if (options.reverse) members.reverse()
    return members.slice(start, stop < 0 ? members.length + stop + 1 : stop + 1)
  }

  async ranked(key: string, start: number, stop: number): Promise<{ member: string; score: number }[]> {
    const all = this.sorted(key).map(([member, score]) => ({ member, score }))
    return all.slice(start, stop < 0 ? all.length + stop + 1 : stop + 1)
  }

  async upTo(key: string, max: number, limit: number): Promise<string[]> {
    return this.sorted(key)
      .filter(([, score]) => score <= max)
      .slice(0, limit)
      .map(([member]) => member)
  }

  async rank(key: string, member: string): Promise<number | undefined> {
    const rank = this.sorted(key).findIndex(([each]) => each === member)
    return rank < 0 ? undefined : rank
  }

  async score(key: string, member: string): Promise<number | undefined> {
    return this.#sortedSet(key).get(member)
  }

  async count(key: string, below = Infinity): Promise<number> {
    return this.sorted(key).filter(([, score]) => score < below).length
  }

  async entries(key: string, start: string, limit: number): Promise<StreamEntry[]> {
    const all = this.stream(key)
    const from = start === '-' ? 0 : all.findIndex(({ id }) => compareIds(id, start) >= 0)
    return from < 0 ? [] : all.slice(from, from + limit)
  }

  async newest(key: string): Promise<StreamEntry | undefined> {
    return this.stream(key).at(-1)
  }

  async length(key: string): Promise<number> {
    return this.stream(key).length
  }

  /** Calls `tell` after each entry that is appended to any stream; returns what ends it. */
  onAppend(tell: () => void): () => void {
    this.#onAppend.add(tell)
    return () => void this.#onAppend.delete(tell)
  }

  /** Members with their scores, in Redis's order: by score, then by member. */
  sorted(key: string): [string, number][] {
    return [...this.#sortedSet(key)].sort(([a, x], [b, y]) => x - y || (a < b ? -1 : 1))
  }

  stream(key: string): StreamEntry[] {
    return (this.#read(key) as StreamEntry[] | undefined) ?? []
  }

  holds(guard: Guard): boolean {
    switch (guard.if) {
      case 'field':
        return (this.#hash(guard.key).get(guard.field) ?? '') === guard.is
      case 'field-among':
        return guard.among.includes(this.#hash(guard.key).get(guard.field) ?? '')
      case 'room':
        return this.#set(guard.key).size < guard.below
      case 'exists':
        return this.#read(guard.key) !== undefined
      case 'absent':
        return this.#read(guard.key) === undefined
    }
  }

  /** Carries out one write and returns the new entry's id for XADD. */
  apply(write: Write): string | undefined {
    const [command, key, ...args] = write as readonly [Write[0], string, ...string[]]
    switch (command) {
      case 'HSET':
        for (let i = 0; i < args.length; i += 2)
          this.#own(key, () => new Map<string, string>()).set(args[i]!, args[i + 1]!)
        return undefined
      case 'HINCRBY': {
        const counts = this.#own(key, () => new Map<string, string>())
        counts.set(args[0]!, String(Number(counts.get(args[0]!) ?? 0) + Number(args[1])))
        return undefined
      }
      case 'SADD':
        this.#own(key, () => new Set<string>()).add(args[0]!)
        return undefined
      case 'ZADD':
        this.#own(key, () => new SortedSet()).set(args[1]!, Number(args[0]))
        return undefined
      case 'SET':
        this.data.set(key, args[0]!)
        this.#expiries.set(key, this.#now() + Number(args[2]))
        return undefined
      case 'PEXPIRE':
        if (this.#read(key) !== undefined) this.#expiries.set(key, this.#now() + Number(args[0]))
        return undefined
      case 'PERSIST':
        this.#expiries.delete(key)
        return undefined
      case 'DEL':
        this.#remove(key)
        return undefined
      case 'HDEL':
      case 'SREM':
      case 'ZREM':
        for (const member of args) (this.#read(key) as Map<string, unknown> | undefined)?.delete(member)
        this.#dropEmpty(key)
        return undefined
      case 'XDEL':
        this.data.set(
          key,
          this.stream(key).filter(({ id }) => id !== args[0]),
        )
        return undefined
      case 'XADD':
        return this.#append(key, args)
    }
  }

  #append(key: string, args: readonly string[]): string {
    const pairs = args.slice(args.indexOf('*') + 1)
    const fields: Record<string, string> = {}
    for (let i = 0; i < pairs.length; i += 2) fields[pairs[i]!] = pairs[i + 1]!
    const id = `${this.#now()}-${++this.#sequence}`
    const entries = this.#own(key, (): StreamEntry[] => [])
    entries.push({ id, fields })
    if (args[0] === 'MAXLEN') entries.splice(0, entries.length - Number(args[2]))
    for (const tell of this.#onAppend) tell()
    return id
  }

  #remove(key: string): void {
    this.data.delete(key)
    this.#expiries.delete(key)
  }

  #read(key: string): Value | undefined {
    const expiry = this.#expiries.get(key)
    if (expiry !== undefined && expiry <= this.#now()) this.#remove(key)
    return this.data.get(key)
  }

  #own<T extends Value>(key: string, make: () => T): T {
    const value = this.#read(key) ?? make()
    assert(typeof value !== 'string', `${key} holds another type`)
    this.data.set(key, value)
    return value as T
  }

  #dropEmpty(key: string): void {
    if ((this.data.get(key) as Map<string, unknown> | undefined)?.size === 0) this.#remove(key)
  }

  #hash(key: string): Map<string, string> {
    const value = this.#read(key)
    if (value === undefined) return new Map<string, string>()
    const isHash = value instanceof Map && !(value instanceof SortedSet)
    return isHash ? (value as Map<string, string>) : new Map([[NOT_A_HASH, 'yes']])
  }

  #set(key: string): Set<string> {
    return (this.#read(key) as Set<string> | undefined) ?? new Set<string>()
  }

  #sortedSet(key: string): SortedSet {
    return (this.#read(key) as SortedSet | undefined) ?? new SortedSet()
  }
}

export function isLater(id: string, than: string): boolean {
  return compareIds(id, than) > 0
}

/** Stream ids are `ms-sequence`. */
function compareIds(a: string, b: string): number {
  const [aMs, aSeq = '0'] = a.split('-')
  const [bMs, bSeq = '0'] = b.split('-')
  return Number(aMs) - Number(bMs) || Number(aSeq) - Number(bSeq)
}
