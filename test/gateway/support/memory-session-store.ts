/** The store of sessions in memory, on the server of a memory bus: what infra/redis/session-store.ts is on Redis. */
import type { MemoryServer } from '../../../lib/bus/memory/memory-bus.ts'
import { entryOf, type SessionEvent } from '../../../lib/gateway/sessions/session-news.ts'
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
} from '../../../lib/gateway/sessions/session-store.ts'

interface Kept {
  readonly caller: string
  readonly client: string
  readonly uris: Set<string>
  usedMs: number
  /** By which it is chosen to give way to another one of its caller: earlier while it was never used. */
  placeMs: number
}

export interface MemorySessionStoreOptions extends SessionBounds {
  readonly server: MemoryServer
  readonly makeId: () => string
}

/** One for all gateways of a server. */
export function makeMemorySessionStore(options: MemorySessionStoreOptions): SessionStore {
  const { server, idleMs, sessionsMax, makeId } = options
  const newsKey = `${server.keys.prefix}:session-news`
  const freshMs = freshMsOf(options)
  const kept = new Map<string, Kept>()
  const tell = (id: string, event: SessionEvent) => {
    const { kind, value } = entryOf(event)
    const entry = ['session', id, 'kind', kind, 'value', value]
    server.keyspace.apply(['XADD', newsKey, 'MAXLEN', '~', String(NEWS_MAX), '*', ...entry])
  }
  /** A session that is still there. */
  const find = (id: string, caller?: string) => {
    const found = kept.get(id)
    if (!found || found.usedMs <= server.now() - idleMs) return void kept.delete(id)
    return caller === undefined || found.caller === caller ? found : undefined
  }
  const live = () => [...kept].filter(([id]) => find(id))
  const least = (all: [string, Kept][], of: 'usedMs' | 'placeMs') => all.toSorted(([, a], [, b]) => a[of] - b[of])[0]

  return {
    newsKey,
    freshMs,

    async open(asked, caller) {
      const client = clientText(asked)
      if (sessionsMax === 0 || client === undefined) return undefined
      const now = server.now()
      const own = live().filter(([, each]) => each.caller === caller)
      if (own.length >= ownMaxOf(options, caller)) {
        const [id] = least(own, 'placeMs')!
        kept.delete(id)
        tell(id, { kind: 'ended' })
      }
      const all = live()
      if (all.length >= sessionsMax) {
        const [id, { usedMs }] = least(all, 'usedMs')!
        if (usedMs > now - sparedMsOf(options)) return undefined
        kept.delete(id)
      }
      const id = makeId()
      kept.set(id, { caller, client, uris: new Set(), usedMs: now, placeMs: now - idleMs / 2 })
      return id
    },

    async use(id, caller) {
      const found = find(id, caller)
      if (!found) return undefined
      if (found.usedMs < server.now() - freshMs) found.usedMs = server.now()
      found.placeMs = Math.max(found.placeMs, found.usedMs)
      return JSON.parse(found.client) as SessionClient
    },

    async renew(ids) {
      return ids.filter((id) => {
        const found = find(id)
        if (found) found.usedMs = found.placeMs = server.now()
        return !found
      })
    },

    async subscribe(id, uri) {
      const found = find(id)
      if (!found) return 'gone'
      if (!found.uris.has(uri) && found.uris.size >= SUBSCRIPTIONS_MAX) return 'full'
      found.uris.add(uri)
      tell(id, { kind: 'subscribed', uri })
      return 'done'
    },

    async unsubscribe(id, uri) {
      if (find(id)?.uris.delete(uri)) tell(id, { kind: 'unsubscribed', uri })
    },

    subscriptions: async (id) => new Set(find(id)?.uris),

    async end(id, caller) {
      if (!mayBeSession(id) || !find(id, caller)) return false
      kept.delete(id)
      tell(id, { kind: 'ended' })
      return true
    },

    tell: async (id, event) => tell(id, event),
    count: async () => live().length,
  }
}
