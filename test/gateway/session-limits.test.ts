/** What bounds sessions: their number, their age, their caller. */
import { appendFile, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { randomBytes } from 'node:crypto'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { makeToken } from '../../lib/gateway/auth/make-token.ts'
import { type Door, type DoorOptions, openDoor } from './support/door.ts'
import { ask, begin, get, initialize, listen, post, subscribe } from './support/older-requests.ts'

const list = { jsonrpc: '2.0', id: 1, method: 'tools/list' }

let folder: string
const doors: Door[] = []
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'nessus-mcp-sessions-'))
})
afterEach(async () => {
  for (const door of doors.splice(0)) await door.close()
})
afterAll(async () => {
  await rm(folder, { recursive: true })
})

async function open(options: DoorOptions) {
  const door = await openDoor(options)
  doors.push(door)
  return { door, store: door.world.sessions.store, url: await door.listen() }
}

describe('the number of sessions', () => {
  test('is bounded: who comes later is served without one', async () => {
    const { store, url } = await open({ world: { sessionsMax: 2 } })
    await begin(url)
    await begin(url)
    const response = await post(url, initialize())
    expect(response.status).toBe(200)
    expect(response.headers.get('mcp-session-id')).toBeNull()
    expect(await response.text()).not.toContain('"subscribe":true')
    expect(await store.count()).toBe(2)
    expect(await (await post(url, list)).text()).toContain('"echo"')
  })

  test('may be none', async () => {
    const { url } = await open({ world: { sessionsMax: 0 } })
    expect((await post(url, initialize())).headers.get('mcp-session-id')).toBeNull()
  })

  test('a client that says too much of itself is served without one', async () => {
    const { url } = await open({})
    const response = await post(url, initialize({ experimental: { long: { text: 'x'.repeat(20_000) } } }))
    expect(response.status).toBe(200)
    expect(response.headers.get('mcp-session-id')).toBeNull()
  })
})

test('a session follows at most so many resources', async () => {
  const { store, door, url } = await open({})
  const session = await begin(url)
  const id = session['mcp-session-id']!
  for (let n = 0; n < 500; n++) expect(await store.subscribe(id, `nessus://scans/${n}`)).toBe('done')
  expect(await store.subscribe(id, 'nessus://scans/7')).toBe('done')
  const { task_id: one } = door.addScan('one more')
  const refused = await subscribe(url, session, `nessus://scans/${one}`)
  expect(refused.error?.message).toContain('unsubscribe first')
  await store.unsubscribe(id, 'nessus://scans/7')
  expect(await subscribe(url, session, `nessus://scans/${one}`)).toMatchObject({ result: {} })
})

describe('a session that nobody uses', () => {
  test('is gone after the idle time', async () => {
    const { store, url } = await open({ world: { sessionIdleMs: 400 } })
    const session = await begin(url)
    await subscribe(url, session, 'nessus://scans')
    while (await store.use(session['mcp-session-id']!, '')) await sleep(500)
    expect((await post(url, list, session)).status).toBe(404)
  })

  test('goes on while it is used, or has a stream', async () => {
    const { store, url } = await open({ world: { sessionIdleMs: 600 } })
    const [used, streaming] = [await begin(url), await begin(url)]
    const stream = await listen(url, streaming)
    for (let n = 0; n < 15; n++) {
      await sleep(100)
      expect(await store.use(used['mcp-session-id']!, '')).toBeDefined()
    }
    expect(await store.use(streaming['mcp-session-id']!, '')).toBeDefined()
    await stream.close()
  })
})

describe('a session belongs to the token that opened it:', () => {
  const token = (name: string) => makeToken({ name, scopes: ['scan:read'], randomBytes })
  const [one, two] = [token('one'), token('two')]
  const bearer = (value: string) => ({ authorization: `Bearer ${value}` })

  test('another one finds none (SE4)', async () => {
    const file = join(folder, 'two-tokens.yaml')
    await writeFile(file, one.entry + two.entry)
    const { url } = await open({ tokensFile: file })
    const session = await begin(url, bearer(one.token))
    const stolen = { ...session, ...bearer(two.token) }
    expect((await post(url, list, stolen)).status).toBe(404)
    expect((await get(url, stolen)).status).toBe(404)
    expect((await fetch(`${url}/mcp`, { method: 'DELETE', headers: stolen })).status).toBe(404)
    expect((await ask(url, session, 'ping')).result).toEqual({})
  })

  test.each(['GET', 'DELETE', 'POST'])('%s without a token is refused', async (method) => {
    const file = join(folder, 'one-token.yaml')
    await writeFile(file, one.entry)
    const { url } = await open({ tokensFile: file })
    const { authorization: _, ...session } = await begin(url, bearer(one.token))
    const headers = { ...session, accept: 'text/event-stream' }
    expect((await fetch(`${url}/mcp`, { method, headers })).status).toBe(401)
  })

  test('when it is taken away, the stream ends', async () => {
    const file = join(folder, 'changing.yaml')
    await writeFile(file, one.entry + two.entry)
    const { url } = await open({ tokensFile: file, world: { sessionIdleMs: 1000 } })
    const kept = await listen(url, await begin(url, bearer(two.token)))
    const stream = await listen(url, await begin(url, bearer(one.token)))
    await writeFile(file, two.entry)
    await appendFile(file, '\n')
    expect(await stream.next()).toBeUndefined()
    const still = Symbol('still open')
    expect(await Promise.race([kept.next(), sleep(600, still)])).toBe(still)
    await kept.close()
  })
})
