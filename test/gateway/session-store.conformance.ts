/** How every {@link SessionStore} keeps sessions, whatever it stands on: SE1 to SE3. */
import { afterEach, describe, expect, test } from 'vitest'
import type { SessionBounds, SessionStore } from '../../lib/gateway/sessions/session-store.ts'

/** An empty store. */
export interface StoreStage {
  readonly store: SessionStore
  /** Lets time go by for all sessions. */
  readonly pass: (ms: number) => Promise<void>
  /** What was told to all gateways so far: session, kind and value. */
  readonly news: () => Promise<(readonly [session: string, kind: string, value: string])[]>
  readonly close: () => Promise<void>
}

const IDLE_MS = 3_600_000
const client = { protocolVersion: '2025-11-25', capabilities: {}, clientInfo: { name: 'c', version: '1' } }
const bounds = { idleMs: IDLE_MS, sessionsMax: 100, sessionsMaxPerCaller: 100 }

export function sessionStoreConformance(makeStage: (bounds: SessionBounds) => Promise<StoreStage>): void {
  const stages: StoreStage[] = []
  afterEach(async () => {
    for (const stage of stages.splice(0)) await stage.close()
  })
  const open = async (patch: Partial<SessionBounds> = {}) => {
    const stage = await makeStage({ ...bounds, ...patch })
    stages.push(stage)
    const { store } = stage
    return { ...stage, begin: async (caller = '') => (await store.open(client, caller))! }
  }
  const told = async (stage: Pick<StoreStage, 'news'>, kind: string) =>
    (await stage.news()).filter(([, each]) => each === kind).map(([session]) => session)

  describe('the number of sessions (SE1)', () => {
    test('is bounded: the one unused for longest gives way, once it is really unused', async () => {
      const { store, begin, pass } = await open({ sessionsMax: 2 })
      const old = await begin()
      await pass(1000)
      const young = await begin()
      expect(await store.open(client, '')).toBeUndefined()
      await pass(360_000)
      await store.use(young, '')
      expect(await begin()).toBeDefined()
      expect(await store.use(old, '')).toBeUndefined()
      expect(await store.subscribe(old, 'nessus://scans')).toBe('gone')
      expect(await store.end(old, '')).toBe(false)
      expect(await store.use(young, '')).toEqual(client)
      expect(await store.count()).toBe(2)
    })

    test('is counted per token too: a flood takes the places of its own, those that nobody used first', async () => {
      const { store, begin, ...stage } = await open({ sessionsMax: 50, sessionsMaxPerCaller: 3 })
      const [others, used] = [await begin('other'), await begin('flood')]
      expect(await store.use(used, 'flood')).toEqual(client)
      const flood: string[] = []
      for (let n = 0; n < 20; n++) {
        flood.push(await begin('flood'))
        await stage.pass(1)
      }
      const left = []
      for (const id of [used, ...flood]) if (await store.use(id, 'flood')) left.push(id)
      expect(left).toEqual([used, ...flood.slice(-2)])
      expect(await store.use(others, 'other')).toEqual(client)
      expect(await store.count()).toBe(4)
      expect(await told(stage, 'ended')).toEqual(flood.slice(0, -2))
    })

    test('of a token whose own are all in use: the one unused for longest gives way', async () => {
      const { store, begin, pass } = await open({ sessionsMaxPerCaller: 2 })
      const [first, second] = [await begin('a'), await begin('a')]
      await pass(100_000)
      await store.use(second, 'a')
      await pass(100_000)
      await store.use(first, 'a')
      expect(await begin('a')).toBeDefined()
      expect(await store.use(second, 'a')).toBeUndefined()
      expect(await store.use(first, 'a')).toEqual(client)
      expect(await store.renew([first, second])).toEqual([second])
      await store.end(first, 'a')
      expect(await begin('a')).toBeDefined()
    })

    test('may be none', async () => {
      const { store } = await open({ sessionsMax: 0 })
      expect(await store.open(client, '')).toBeUndefined()
    })

    test('is told, and back to none when all have ended', async () => {
      const { store, begin } = await open()
      const id = await begin()
      expect(await store.count()).toBe(1)
      expect(await store.end(id, '')).toBe(true)
      expect(await store.count()).toBe(0)
    })

    test('does not count a client that says too much of itself', async () => {
      const { store } = await open()
      const long = { ...client, capabilities: { experimental: { long: { text: 'x'.repeat(20_000) } } } }
      expect(await store.open(long, '')).toBeUndefined()
      expect(await store.count()).toBe(0)
    })

    test('falls when nobody uses them for the idle time; used and renewed ones stay', async () => {
      const { store, begin, pass } = await open()
      const [unused, used, renewed] = [await begin(), await begin(), await begin()]
      await store.subscribe(unused, 'nessus://scans')
      await pass(IDLE_MS - 1000)
      await store.use(used, '')
      expect(await store.renew([renewed])).toEqual([])
      await pass(2000)
      expect(await store.use(unused, '')).toBeUndefined()
      expect(await store.renew([unused, renewed])).toEqual([unused])
      expect(await store.end(unused, '')).toBe(false)
      expect(await store.use(used, '')).toEqual(client)
      expect(await store.count()).toBe(2)
    })
  })

  test.each(['x', '../../scan', 'a'.repeat(300), 'made-up-but-well-formed'])(
    'an id that was never given out is no session: %s (SE2)',
    async (id) => {
      const { store } = await open()
      expect(await store.use(id, '')).toBeUndefined()
      expect(await store.end(id, '')).toBe(false)
      expect(await store.renew([id])).toEqual([id])
      expect(await store.subscribe(id, 'nessus://scans')).toBe('gone')
      expect(await store.subscriptions(id)).toEqual(new Set())
    },
  )

  test('another caller finds no session, and ends none (SE2)', async () => {
    const { store, begin } = await open()
    const id = await begin('one')
    for (const stranger of ['two', '']) {
      expect(await store.use(id, stranger)).toBeUndefined()
      expect(await store.end(id, stranger)).toBe(false)
    }
    expect(await store.use(id, 'one')).toEqual(client)
  })

  test('what changes about a session is told to all gateways, in order, once (SE3)', async () => {
    const { store, begin, news } = await open()
    const id = await begin()
    expect(await store.subscribe(id, 'a')).toBe('done')
    await store.subscribe(id, 'b')
    await store.unsubscribe(id, 'a')
    await store.unsubscribe(id, 'never subscribed')
    await store.tell(id, { kind: 'streaming', stream: 's' })
    expect(await store.subscriptions(id)).toEqual(new Set(['b']))
    await store.end(id, '')
    expect(await news()).toEqual([
      [id, 'subscribed', 'a'],
      [id, 'subscribed', 'b'],
      [id, 'unsubscribed', 'a'],
      [id, 'streaming', 's'],
      [id, 'ended', ''],
    ])
  })

  test('a session follows at most so many resources', async () => {
    const { store, begin } = await open()
    const id = await begin()
    for (let n = 0; n < 500; n++) expect(await store.subscribe(id, `nessus://scans/${n}`)).toBe('done')
    expect(await store.subscribe(id, 'nessus://scans/7')).toBe('done')
    expect(await store.subscribe(id, 'nessus://scans/one-more')).toBe('full')
    await store.unsubscribe(id, 'nessus://scans/7')
    expect(await store.subscribe(id, 'nessus://scans/one-more')).toBe('done')
  })
}
