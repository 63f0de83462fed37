/**
 * The {@link Bus} on Redis Streams: one inbox and one group per function, one
 * blocked read over all inboxes. A worker holds two connections: a reader and
 * one for commands.
 */
import { ErrorReply } from 'redis'
import { silentLog, type Log } from '../../base/log.ts'
import type { Permit } from '../../base/permit.ts'
import type { Bus, Delivery, Lapsed, Post, SettleResult, Settlement } from '../bus.ts'
import type { Followed, Follower } from '../follow.ts'
import { HOST_GONE_MS } from '../hosting.ts'
import { busKeys, GROUP, type BusKeys } from '../keys.ts'
import type { Transaction } from '../transaction.ts'
import { runSettleScript } from './run-settle-script.ts'
import { GroupCommit } from './group-commit.ts'
import { Connection, type RedisClient } from './connection/connection.ts'
import { InboxReader } from './inbox-reader.ts'
import { CLAIM, HOST, LAPSED, PROMOTE, RELEASE } from './scripts/lease-scripts.ts'
import { Leases } from './leases.ts'
import { RedisKeyspace } from './redis-keyspace.ts'
import { ServerClock } from './server-clock.ts'
import { scriptArguments, settleWords } from './scripts/settle-script.ts'
import { followStreams } from './stream-follower.ts'
import { Successors } from './connection/successors.ts'

const COMMAND_DEADLINE_MS = 3000
const PROMOTE_EVERY_MS = 200
const PROMOTE_MAX = 100
const HOST_EVERY_MS = 3000
/** Consumers of workers long dead are looked for at the first announcement and at every so many after it. */
const FORGET_EVERY = 100
const CONSUMER_FORGOTTEN_MS = 86_400_000
/** Leases of one inbox handed back by one script. */
const RELEASE_MAX = 500
/** A publish of more events than this is told from its repetition event by event only. */
const MARKS_MAX = 1000
/** How long a published event id is remembered. */
const REMEMBER_MS = 3_600_000

export interface RedisBusOptions {
  readonly url: string
  /** Distinguishes systems that share one Redis. */
  readonly name: string
  /** Names this process; unique among all that run. */
  readonly consumer: string
  readonly leaseMs?: number
  /** Hears how each settle ended. */
  readonly onSettle?: (result: SettleResult) => void
  readonly log?: Log
}

export class RedisBus implements Bus {
  readonly keys: BusKeys
  readonly keyspace: RedisKeyspace
  /** For what the port does not offer: requirements, sessions, operators' reports. */
  readonly connection: Connection
  readonly #url: string
  readonly #reader: InboxReader
  readonly #consumer: string
  readonly #leaseMs: number
  readonly #log: Log
  readonly #leases: Leases
  readonly #timers: NodeJS.Timeout[] = []
  readonly #successors = new Successors()
  readonly #commits: GroupCommit
  readonly #onSettle: (result: SettleResult) => void
  #functions: readonly string[] = []
  #lapsed: Lapsed = { released: false, suspects: false }
  readonly #clock = new ServerClock()
  #announcements = 0

  constructor({ url, name, consumer, leaseMs = 30_000, onSettle = () => {}, log = silentLog }: RedisBusOptions) {
    this.#url = url
    this.keys = busKeys(name)
    const opened = (client: RedisClient) => this.#readClock(client)
    this.connection = new Connection({ url, deadlineMs: COMMAND_DEADLINE_MS, isPrompt: true, log, opened })
    this.keyspace = new RedisKeyspace(this.connection)
    this.#reader = new InboxReader({
      url,
      commands: this.connection,
      consumer,
      recordPrefix: this.keys.record(''),
      deadlineMs: COMMAND_DEADLINE_MS,
      log,
    })
    this.#consumer = consumer
    this.#leaseMs = leaseMs
    this.#log = log
    this.#onSettle = onSettle
    const { connection, keyspace, keys } = this
    this.#leases = new Leases({ connection, keyspace, keys, consumer, leaseMs, log })
    this.#commits = new GroupCommit({
      connection,
      prefix: keys.prefix,
      consumer,
      recordPrefix: keys.record(''),
      onTaken: (entry) => this.#successors.add(this.#leases.hold(entry, 1)),
    })
  }

  now(): Date {
    return this.#clock.now()
  }

  /** Starts consuming these functions' inboxes: from now on this worker keeps leases alive and moves due events. */
  async host(functions: readonly string[]): Promise<void> {
    this.#functions = functions
    await this.#promote()
    await this.#announce()
    this.#every(PROMOTE_EVERY_MS, () => this.#promote())
    this.#every(HOST_EVERY_MS, () => this.#announce())
    this.#every(this.#leaseMs / 6, () => this.#tendLeases())
  }

  async publish(posts: readonly Post[], transaction: Transaction = { guards: [], writes: [] }): Promise<SettleResult> {
    const words = settleWords(transaction, posts, { rememberMs: REMEMBER_MS })
    const isRemembered = posts.length <= MARKS_MAX && posts.every(({ again }) => !again)
    const marks = isRemembered ? posts.map(({ event, to }) => this.keys.seen(event.id, to)) : []
    const names = { prefix: this.keys.prefix, consumer: this.#consumer, recordPrefix: '' }
    const order = scriptArguments(names, [{ inbox: this.keys.delayed, words }], marks)
    const { answer } = await runSettleScript(this.connection, { ...order, grows: transaction.grows === true })
    const [code] = answer[0]
    if (typeof code !== 'number') throw new ErrorReply(code)
    return result(code, transaction)
  }

  async pull(free: ReadonlyMap<string, number>): Promise<Delivery[]> {
    let deliveries = this.#successors.take(free)
    if (deliveries.length === 0) {
      const room = new Map([...free].map(([name, count]) => [this.keys.inbox(name), count]))
      const entries = await this.#reader.read(room)
      deliveries = entries.map((entry) => this.#leases.hold(entry, 1))
    }
    this.#successors.pulled(free, deliveries)
    return deliveries
  }

  lapsed(): Lapsed {
    return this.#lapsed
  }

  async claim(free: ReadonlyMap<string, number>, alone: boolean): Promise<Delivery[]> {
    const keys = [...free.keys()].map((name) => this.keys.inbox(name))
    const rooms = [...free.values()].map(String)
    const args = [GROUP, this.#consumer, String(this.#leaseMs), alone ? '1' : '0', ...rooms]
    const rows = (await this.connection.call((client) => CLAIM.run(client, keys, args))) as ClaimRow[]
    if (rows.length === 0) {
      this.#lapsed = alone ? { ...this.#lapsed, suspects: false } : { ...this.#lapsed, released: false }
    }
    return rows.map(([n, entryId, deliveries, words]) => {
      const fields = Object.fromEntries(
        words.flatMap((word, i) => (i % 2 === 0 ? [[word, words[i + 1] ?? '']] : [])),
      ) as Record<string, string>
      return this.#leases.hold({ key: keys[n - 1]!, entryId, fields }, deliveries)
    })
  }

  async settle(delivery: Delivery, decided: Settlement): Promise<SettleResult> {
    const result = await this.#settle(delivery, decided)
    this.#onSettle(result)
    return result
  }

  async #settle(delivery: Delivery, decided: Settlement): Promise<SettleResult> {
    const inbox = this.keys.inbox(delivery.function)
    const end = this.#leases.endOf(delivery)
    const settlement = end.length === 0 ? decided : { ...decided, writes: [...decided.writes, ...end] }
    const wantsNext = !this.#lapsed.suspects && this.#successors.wanted(delivery.function)
    const { code, tries } = await this.#commits.commit(inbox, delivery, settlement, wantsNext)
    const outcome = result(code, settlement)
    if (outcome === 'settled' || outcome === 'fenced') this.#leases.forget(delivery)
    // Fenced at the second try, and the entry gone: it was the first that got through, and its answer was lost.
    if (outcome === 'fenced' && tries > 1 && !(await this.#leases.exists(delivery))) return 'settled'
    return outcome
  }

  renew(delivery: Delivery): Promise<Permit | undefined> {
    return this.#leases.renew(delivery)
  }

  abandon(delivery: Delivery): void {
    this.#leases.abandon(delivery)
  }

  /** Takes a connection of its own. */
  follow(streams: readonly Followed[]): Follower {
    return followStreams({ url: this.#url, streams, log: this.#log })
  }

  wake(): void {
    this.#reader.wake()
  }

  drain(): void {
    this.#successors.end()
    this.#reader.wake()
  }

  async release(): Promise<void> {
    this.#successors.end()
    await this.#reader.pause()
    const inboxes = this.#functions.map((name) => this.keys.inbox(name))
    if (inboxes.length === 0) return
    const args = [GROUP, this.#consumer, String(RELEASE_MAX)]
    for (let left = 1; left > 0;) {
      left = (await this.connection.call((client) => RELEASE.run(client, inboxes, args))) as number
    }
    await this.connection.call((client) =>
      Promise.all(this.#functions.map((name) => client.zRem(this.keys.hosting(name), this.#consumer))),
    )
    this.#leases.abandonAll(new Error('the delivery was handed back'))
  }

  /** Stops timers and closes both connections. What is still held is taken over when its lease lapses, or call {@link release} first. */
  async close(): Promise<void> {
    for (const timer of this.#timers) clearInterval(timer)
    this.#reader.close()
    this.connection.close()
  }

  #every(periodMs: number, task: () => Promise<void>): void {
    let running = false
    const timer = setInterval(() => {
      if (running) return
      running = true
      task()
        .catch((error: unknown) => this.#log.debug('bus upkeep will be tried again', { error: String(error) }))
        .finally(() => {
          running = false
        })
    }, periodMs)
    this.#timers.push(timer.unref())
  }

  async #promote(): Promise<void> {
    const args = [this.keys.prefix, String(PROMOTE_MAX)]
    for (let moved = PROMOTE_MAX; moved === PROMOTE_MAX;) {
      moved = await this.connection.call(async (client) => {
        const sentMs = Date.now()
        const [nowMs, count] = (await PROMOTE.run(client, [this.keys.delayed], args)) as [string, number]
        this.#clock.hear(Number(nowMs), sentMs)
        return count
      })
    }
  }

  async #readClock(client: RedisClient): Promise<void> {
    const sentMs = Date.now()
    const [seconds, microseconds] = (await client.sendCommand(['TIME'])) as [string, string]
    this.#clock.hear(Number(seconds) * 1000 + Number(microseconds) / 1000, sentMs)
  }

  async #announce(): Promise<void> {
    const keys = this.#functions.flatMap((name) => [this.keys.hosting(name), this.keys.inbox(name)])
    const forgottenMs = this.#announcements++ % FORGET_EVERY === 0 ? String(CONSUMER_FORGOTTEN_MS) : ''
    const args = [GROUP, this.#consumer, String(HOST_GONE_MS), forgottenMs]
    if (keys.length > 0) await this.connection.call((client) => HOST.run(client, keys, args))
  }

  /** Renews our leases before looking for lapsed ones, so that a process that was suspended does not take over from itself. */
  async #tendLeases(): Promise<void> {
    await this.#leases.renewAll()
    const inboxes = this.#functions.map((name) => this.keys.inbox(name))
    const reply = await this.connection.call((client) => LAPSED.run(client, inboxes, [GROUP, String(this.#leaseMs)]))
    const [released, suspects] = reply as [number, number]
    this.#lapsed = { released: released === 1, suspects: suspects === 1 }
    if (this.#lapsed.released || this.#lapsed.suspects) this.wake()
  }
}

type ClaimRow = [inbox: number, entryId: string, deliveries: number, fields: string[]]

function result(code: number, { guards }: Transaction): SettleResult {
  if (code === 1) return 'settled'
  return code === 0 ? 'fenced' : guards[-code - 1]!.else
}
