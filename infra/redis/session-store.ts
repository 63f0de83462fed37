/** The gateways' store of sessions on Redis: lib/gateway/sessions/session-store.ts says what it promises. */
import type { Connection } from '../../lib/bus/redis/connection/connection.ts'
import { entryOf } from '../../lib/gateway/sessions/session-news.ts'
import {
  clientText,
  freshMsOf,
  mayBeSession,
  NEWS_MAX,
  ownMaxOf,
  type SessionBounds,
  type SessionClient,
  type SessionStore,
  sparedMsOf,
  SUBSCRIPTIONS_MAX,
} from '../../lib/gateway/sessions/session-store.ts'
import { COUNT, END, OPEN, RENEW, SUBSCRIBE, TELL, UNSUBSCRIBE, USE } from './session-scripts.ts'

const URI = 'uri:'
/** Fields of a record beside the subscriptions. */
const FIELDS = 2

export interface SessionStoreOptions extends SessionBounds {
  readonly connection: Pick<Connection, 'call'>
  /** Of every key. */
  readonly prefix: string
  /** A new name that nobody can guess. */
  readonly makeId: () => string
}

export function makeSessionStore(options: SessionStoreOptions): SessionStore {
  const { connection, prefix, idleMs, sessionsMax, makeId } = options
  const index = `${prefix}:sessions`
  const newsKey = `${prefix}:session-news`
  const record = (id: string) => `${prefix}:session:${id}`
  const callers = (caller: string) => `${prefix}:sessions-of:${caller}`
  const run = (script: typeof OPEN, keys: string[], args: readonly (string | number)[]) =>
    connection.call((client) => script.run(client, keys, args.map(String)))
  const freshMs = freshMsOf(options)

  return {
    newsKey,
    freshMs,

    async open(asked, caller) {
      const client = clientText(asked)
      if (sessionsMax === 0 || client === undefined) return undefined
      const id = makeId()
      const [spared, ownMax] = [sparedMsOf(options), ownMaxOf(options, caller)]
      const args = [id, caller, client, idleMs, sessionsMax, spared, ownMax, record(''), NEWS_MAX]
      return (await run(OPEN, [record(id), index, callers(caller), newsKey], args)) === 1 ? id : undefined
    },

    async use(id, caller) {
      if (!mayBeSession(id)) return undefined
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
      if (!mayBeSession(id)) return false
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
