/** Sessions of the older protocol, over real sockets, at two gateways at once. */
import { Client as OlderClient } from '@modelcontextprotocol/sdk/client/index.js'
import { StreamableHTTPClientTransport as OlderTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js'
import { ResourceUpdatedNotificationSchema } from '@modelcontextprotocol/sdk/types.js'
import { setTimeout as sleep } from 'node:timers/promises'
import { describe, expect, test } from 'vitest'
import { ask, begin, get, post, readStream, subscribe } from './support/older-requests.ts'
import { useSessionPair } from './support/session-pair.ts'

const pair = useSessionPair()
/** Sooner than the round that finds what nobody told. */
const SOON_MS = 20_000

describe('a client of the older SDK', () => {
  test('opens its stream, follows a scan to its end, and ends its session', async () => {
    const { id, uri } = pair.scan()
    const client = new OlderClient({ name: 'older', version: '1' })
    const transport = new OlderTransport(new URL(`${pair.a}/mcp`))
    await client.connect(transport as Parameters<OlderClient['connect']>[0])
    expect(client.getServerCapabilities()?.resources).toEqual({ listChanged: true, subscribe: true })
    const session = transport.sessionId!
    const heard: string[] = []
    const ended = new Promise<void>((resolve) => {
      client.setNotificationHandler(ResourceUpdatedNotificationSchema, async ({ params }) => {
        heard.push(params.uri)
        const { contents } = await client.readResource({ uri: params.uri })
        if ((contents[0] as { text: string }).text.includes('"completed"')) resolve()
      })
    })
    await client.subscribeResource({ uri })
    // The client opens its stream on its own, without telling when.
    while (!(await streaming())) await sleep(10)
    await pair.change(id, 2)
    pair.door.scans.get(id)!.status = 'completed'
    await pair.change(id, 3, 'completed')
    await ended
    expect(new Set(heard)).toEqual(new Set([uri]))
    await client.unsubscribeResource({ uri })
    await transport.terminateSession()
    expect((await ask404(session)).status).toBe(404)
    await client.close()
    expect(await pair.door.world.sessions.store.count()).toBe(0)
  })
})

async function streaming(): Promise<boolean> {
  const text = await (await fetch(`${pair.a}/metrics`)).text()
  return /^nessus_mcp_streams [1-9]/m.test(text)
}

const ask404 = (session: string) =>
  post(pair.b, { jsonrpc: '2.0', id: 1, method: 'tools/list' }, { 'mcp-session-id': session })

describe('any gateway', () => {
  test('answers requests of a session that began at another', async () => {
    const session = await begin(pair.a)
    const { result } = await ask(pair.b, session, 'tools/call', { name: 'echo', arguments: { text: 'x' } })
    expect(result).toMatchObject({ structuredContent: { text: 'x' } })
  })

  test('tells a client of changes, wherever it subscribed and wherever they were made', async () => {
    const { id, uri } = pair.scan()
    const session = await begin(pair.a)
    const stream = await pair.listen(pair.b, session)
    expect(await subscribe(pair.a, session, uri)).toMatchObject({ result: {} })
    await pair.change(id, 2)
    expect(await stream.next()).toMatchObject({ method: 'notifications/resources/updated', uri })
    await ask(pair.a, session, 'resources/unsubscribe', { uri })
    await pair.change(id, 3)
    await subscribe(pair.a, session, 'nessus://scans')
    await pair.change(id, 4)
    expect(await stream.next()).toMatchObject({ method: 'notifications/resources/updated', uri: 'nessus://scans' })
  })

  test('knows what was subscribed before its stream was opened', async () => {
    const { id, uri } = pair.scan()
    const session = await begin(pair.a)
    await subscribe(pair.b, session, uri)
    const stream = await pair.listen(pair.a, session)
    await pair.change(id, 2)
    expect(await stream.next()).toMatchObject({ uri })
  })

  test('says that there are new scans, and that one is gone', async () => {
    const session = await begin(pair.a)
    const stream = await pair.listen(pair.b, session)
    await pair.change('ns_test_20260102_030405_0000aaaa', 1, 'queued')
    expect(await stream.next()).toMatchObject({ method: 'notifications/resources/list_changed' })
    await pair.change('ns_test_20260102_030405_0000aaaa', 9, 'deleted')
    expect(await stream.next()).toMatchObject({ method: 'notifications/resources/list_changed' })
  })

  test('ends a session, and with it its stream at another', { timeout: SOON_MS }, async () => {
    const session = await begin(pair.a)
    const stream = await pair.listen(pair.b, session)
    const response = await fetch(`${pair.a}/mcp`, { method: 'DELETE', headers: session })
    expect(response.status).toBe(200)
    expect(await stream.next()).toBeUndefined()
    for (const url of [pair.a, pair.b]) {
      expect((await post(url, { jsonrpc: '2.0', id: 1, method: 'tools/list' }, session)).status).toBe(404)
      expect((await get(url, session)).status).toBe(404)
      expect((await fetch(`${url}/mcp`, { method: 'DELETE', headers: session })).status).toBe(404)
    }
  })

  test.each([
    ['the same', () => pair.a],
    ['another', () => pair.b],
  ])('opens one stream for a session: a new one at %s gateway ends the one before', async (_name, where) => {
    const { id, uri } = pair.scan()
    const session = await begin(pair.a)
    await subscribe(pair.a, session, uri)
    const first = await pair.listen(pair.a, session)
    const second = await pair.listen(where(), session)
    expect(await first.next()).toBeUndefined()
    await pair.change(id, 2)
    expect(await second.next()).toMatchObject({ uri })
  })

  test('lets a client cancel a call that another runs', async () => {
    const session = await begin(pair.a)
    const call = { jsonrpc: '2.0', id: 77, method: 'tools/call', params: { name: 'slow', arguments: { ms: 60_000 } } }
    const response = await post(pair.a, call, session)
    while (pair.door.world.caller.waiting === 0) await sleep(5)
    const cancel = { jsonrpc: '2.0', method: 'notifications/cancelled', params: { requestId: 77 } }
    expect((await post(pair.b, cancel, session)).status).toBe(202)
    expect(await readStream(response).event()).toBeUndefined()
    while (pair.door.world.caller.waiting > 0) await sleep(5)
  })
})

describe('a client that comes back', () => {
  test('hears once of each resource that changed meanwhile, at any gateway', async () => {
    const { id, uri } = pair.scan()
    const quiet = pair.scan()
    const session = await begin(pair.a)
    await subscribe(pair.a, session, uri)
    await subscribe(pair.a, session, quiet.uri)
    const before = await pair.listen(pair.a, session)
    await pair.change(id, 2)
    const { id: place } = (await before.next())!
    await before.close()
    await pair.change(id, 3)
    await pair.change(id, 4)
    const after = await pair.listen(pair.b, session, { 'last-event-id': place! })
    expect(await after.next()).toMatchObject({ uri })
    await pair.change(quiet.id, 2)
    expect(await after.next()).toMatchObject({ uri: quiet.uri })
  })

  test('has a place to come back to before anything was said', async () => {
    const { id, uri } = pair.scan()
    const session = await begin(pair.a)
    await subscribe(pair.a, session, uri)
    const before = await pair.listen(pair.a, session)
    const first = await before.event()
    expect(first).toMatchObject({ id: expect.stringMatching(/^\d+-\d+$/), retry: '10000', data: '' })
    await before.close()
    await pair.change(id, 2)
    const after = await pair.listen(pair.b, session, { 'last-event-id': first!.id! })
    expect(await after.next()).toMatchObject({ uri })
  })

  test('cut off just after it came back, before it heard what it had missed, still hears it the next time', async () => {
    const { id, uri } = pair.scan()
    const session = await begin(pair.a)
    await subscribe(pair.a, session, uri)
    const before = await pair.listen(pair.a, session)
    const { id: place } = (await before.event())!
    await before.close()
    await pair.change(id, 2)
    const cut = await pair.listen(pair.b, session, { 'last-event-id': place! })
    const { id: primed } = (await cut.event())!
    await cut.close()
    const after = await pair.listen(pair.a, session, { 'last-event-id': primed! })
    expect(await after.next()).toMatchObject({ uri })
  })

  test.each(['1-1', 'nonsense'])('hears of all it follows when nobody knows what it missed (%s)', async (place) => {
    const { uri } = pair.scan()
    const session = await begin(pair.a)
    await subscribe(pair.a, session, uri)
    const stream = await pair.listen(pair.b, session, { 'last-event-id': place })
    expect(await stream.next()).toMatchObject({ uri })
    expect(await stream.next()).toMatchObject({ method: 'notifications/resources/list_changed' })
  })

  test('of an older revision gets no event without data, which it would not understand', async () => {
    const { id, uri } = pair.scan()
    const session = { ...(await begin(pair.a)), 'mcp-protocol-version': '2025-06-18' }
    await subscribe(pair.a, session, uri)
    const stream = await pair.listen(pair.a, session)
    expect(await stream.event()).toEqual({ retry: '10000' })
    await pair.change(id, 2)
    expect(await stream.event()).toMatchObject({ event: 'message', data: expect.stringContaining(uri) })
  })
})

test('a gateway that stops says goodbye on its streams and ends them; the sessions go on at the others', async () => {
  const third = await pair.door.another()
  const c = await pair.door.listen(third)
  const { id, uri } = pair.scan()
  const session = await begin(c)
  await subscribe(c, session, uri)
  const stream = await pair.listen(c, session)
  const place = (await stream.event())!.id!
  await third.close()
  expect(await stream.comment()).toContain('goodbye, this gateway stops')
  expect(await stream.next()).toBeUndefined()
  await pair.change(id, 2)
  const after = await pair.listen(pair.b, session, { 'last-event-id': place })
  expect(await after.next()).toMatchObject({ uri })
})
