/** The gateways' store of sessions on Redis: lib/gateway/sessions/session-store.ts says what it promises. */
import type { Connection } from '../../lib/bus/redis/connection/connection.ts'
import { entryOf } from '../../lib/gateway/sessions/session-news.ts'
import type { SessionClient, SessionStore } from '../../lib/gateway/sessions/session-store.ts'
import { COUNT, END, OPEN, RENEW, SUBSCRIBE, TELL, UNSUBSCRIBE, USE } from './session-scripts.ts'

/** A session that was used within so long is never ended to make room for another. */
const SPARED_MS = 300_000
/** Uses closer together than this are written down once. */
const FRESH_MS = 60_000
const CLIENT_CHARS_MAX = 16_384
const SUBSCRIPTIONS_MAX = 500
const URI = 'uri:'
/** Fields of a record beside the subscriptions. */
const FIELDS = 2
const NEWS_MAX = 1000
/** A name that was never given out does not reach a key. */
const ID = /^[\w-]{16,64}$/

export interface SessionStoreOptions {
  readonly connection: Pick<Connection, 'call'>
  /** Of every key. */
  readonly prefix: string
  /** A session that nobody used for so long is gone. */
  readonly idleMs: number
  /** 0 for none. */
  readonly sessionsMax: number
  /** Of one token. */
  readonly sessionsMaxPerCaller: number
  /** A new name that nobody can guess. */
  readonly makeId: () => string
}

export function makeSessionStore(options: SessionStoreOptions): SessionStore {
  const { connection, prefix, idleMs, sessionsMax, sessionsMaxPerCaller, makeId } = options
  const index = `${prefix}:sessions`
  const newsKey = `${prefix}:session-news`
  const record = (id: string) => `${prefix}:session:${id}`
  const callers = (caller: string) => `${prefix}:sessions-of:${caller}`
  const run = (script: typeof OPEN, keys: string[], args: readonly (string | number)[]) =>
    connection.call((client) => script.run(client, keys, args.map(String)))
  const freshMs = Math.min(FRESH_MS, Math.floor(idleMs / 4))

  return {
    newsKey,
    freshMs,

    async open({ protocolVersion, capabilities, clientInfo }, caller) {
      const client = JSON.stringify({ protocolVersion, capabilities, clientInfo })
      if (sessionsMax === 0 || client.length > CLIENT_CHARS_MAX) return undefined
      const id = makeId()
      const ownMax = caller === '' ? sessionsMax + 1 : Math.min(sessionsMaxPerCaller, sessionsMax)
      const spared = Math.min(SPARED_MS, idleMs / 2)
      const args = [id, caller, client, idleMs, sessionsMax, spared, ownMax, record(''), NEWS_MAX]
      return (await run(OPEN, [record(id), index, callers(caller), newsKey], args)) === 1 ? id : undefined
    },

    async use(id, caller) {
      if (!ID.test(id)) return undefined
      const client = await run(USE, [record(id), index, callers(caller)], [id, caller, idleMs, freshMs])
      return typeof client === 'string' ? readClient(client) : undefined
    },

    async renew(ids) {
      if (ids.length === 0) return []
      return (await run(RENEW, [index, ...ids.map(record)], [idleMs, callers(''), ...ids])) as string[]
    },

    async subscribe(id, uri) {
      const args = [id, uri, SUBSCRIPTIONS_MAX + FIELDS, idleMs, NEWS_MAX]
      return (await run(SUBSCRIBE, [record(id), index, newsKey], args)) as 'done' | 'gone' | 'full'
    },

    async unsubscribe(id, uri) {
      await run(UNSUBSCRIBE, [record(id), newsKey], [id, uri, idleMs, NEWS_MAX])
    },

    async subscriptions(id) {
      const fields = await connection.call((client) => client.hKeys(record(id)))
      return new Set(fields.filter((field) => field.startsWith(URI)).map((field) => field.slice(URI.length)))
    },

    async end(id, caller) {
      if (!ID.test(id)) return false
      return (await run(END, [record(id), index, newsKey, callers(caller)], [id, caller, idleMs, NEWS_MAX])) === 1
    },

    async tell(id, event) {
      const { kind, value } = entryOf(event)
      await run(TELL, [newsKey], [id, kind, value, idleMs, NEWS_MAX])
    },

    count: async () => Number(await run(COUNT, [index], [idleMs])),
  }
}

/** A session whose client cannot be read is none: its client begins anew. */
function readClient(json: string): SessionClient | undefined {
  try {
    return JSON.parse(json) as SessionClient
  } catch {
    return undefined
  }
}
