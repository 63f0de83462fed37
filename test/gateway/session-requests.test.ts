/** What a gateway makes of single requests of the older protocol, with sessions and without. */
import { describe, expect, test } from 'vitest'
import { ask, begin, get, initialize, post, subscribe } from './support/older-requests.ts'
import { useSessionPair } from './support/session-pair.ts'

const pair = useSessionPair()

describe('a request', () => {
  test('without a session is answered as ever', async () => {
    const response = await post(pair.a, { jsonrpc: '2.0', id: 1, method: 'tools/list' })
    expect(response.status).toBe(200)
    expect(response.headers.get('mcp-session-id')).toBeNull()
    expect(await response.text()).toContain('"echo"')
    expect((await get(pair.a, {})).status).toBe(405)
    expect((await fetch(`${pair.a}/mcp`, { method: 'DELETE' })).status).toBe(405)
  })

  test.each(['made-up-but-well-formed', 'x', '../../x', 'a'.repeat(300)])(
    'of no session is answered 404: %s (SE4)',
    async (id) => {
      const response = await post(pair.a, { jsonrpc: '2.0', id: 1, method: 'tools/list' }, { 'mcp-session-id': id })
      expect(response.status).toBe(404)
      expect(await response.json()).toMatchObject({
        error: { code: -32_001, message: expect.stringContaining('initialize') },
      })
    },
  )

  test.each([
    ['POST', 400],
    ['GET', 400],
    ['DELETE', 400],
  ])('%s of a revision that is not served is refused', async (method, status) => {
    const session = { ...(await begin(pair.a)), 'mcp-protocol-version': '2019-01-01' }
    const body = { jsonrpc: '2.0', id: 1, method: 'tools/list' }
    const response =
      method === 'POST' ? await post(pair.a, body, session) : await fetch(`${pair.a}/mcp`, { method, headers: session })
    expect(response.status).toBe(status)
    expect(await response.text()).toContain('2019-01-01')
  })

  test.each(['GET', 'DELETE'])('%s from another origin is refused', async (method) => {
    const session = await begin(pair.a)
    const headers = { ...session, accept: 'text/event-stream', origin: 'https://evil.example' }
    expect((await fetch(`${pair.a}/mcp`, { method, headers })).status).toBe(403)
    expect((await ask(pair.a, session, 'ping')).result).toEqual({})
  })

  test('for a stream need not say what it accepts, but may not refuse it', async () => {
    const session = await begin(pair.a)
    const open = await get(pair.a, session, { accept: '*/*' })
    expect(open.status).toBe(200)
    await open.body!.cancel()
    expect((await get(pair.a, session, { accept: 'application/json' })).status).toBe(406)
  })

  test('need not accept event streams, nor must initialize', async () => {
    const response = await post(pair.a, initialize(), { accept: '*/*' })
    expect(response.headers.get('mcp-session-id')).not.toBeNull()
    const session = { 'mcp-session-id': response.headers.get('mcp-session-id')! }
    expect((await post(pair.a, { jsonrpc: '2.0', id: 1, method: 'ping' }, { ...session, accept: '*/*' })).status).toBe(
      200,
    )
  })

  test('to initialize begins anew, even with the id of a session that is gone', async () => {
    const response = await post(pair.a, initialize(), { 'mcp-session-id': 'made-up-but-well-formed' })
    expect(response.status).toBe(200)
    expect(response.headers.get('mcp-session-id')).not.toBe('made-up-but-well-formed')
  })

  test('that is no JSON is told so, and what is no message too', async () => {
    const session = await begin(pair.a)
    const headers = { ...session, 'content-type': 'application/json', accept: 'application/json, text/event-stream' }
    expect((await fetch(`${pair.a}/mcp`, { method: 'POST', headers, body: '{' })).status).toBe(400)
    expect((await post(pair.a, { hello: 1 }, session)).status).toBe(400)
    const notice = { jsonrpc: '2.0', method: 'notifications/initialized' }
    expect((await post(pair.a, notice, { ...session, 'content-type': 'text/plain' })).status).toBe(415)
  })

  test('of several messages gets all answers', async () => {
    const session = await begin(pair.a)
    const response = await post(
      pair.a,
      [1, 2].map((id) => ({ jsonrpc: '2.0', id, method: 'ping' })),
      session,
    )
    expect((await response.text()).match(/"result":\{\}/g)).toHaveLength(2)
  })
})

describe('a subscription', () => {
  test.each([
    ['nessus://scans/ns_test_20260102_030405_ffffffff', 'There is no scan'],
    ['nessus://scans/x', 'task_id'],
    ['nessus://filters', 'which is what changes'],
    ['nessus://scans/ns_test_20260102_030405_ffffffff/native', 'which is what changes'],
  ])('to %s is refused', async (uri, why) => {
    const session = await begin(pair.a)
    expect((await subscribe(pair.a, session, uri)).error?.message).toContain(why)
  })

  test('needs a session', async () => {
    const { uri } = pair.scan()
    expect((await subscribe(pair.a, {}, uri)).error).toMatchObject({ code: -32_601 })
  })
})
