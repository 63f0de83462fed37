/** What clients ask for because they know it from other servers, and pages of other origins. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { randomBytes } from 'node:crypto'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { makeToken } from '../../lib/gateway/auth/make-token.ts'
import { openDoor, type Door } from './support/door.ts'

const reader = makeToken({ name: 'reader', scopes: ['scan:read'], randomBytes })

let folder: string
let open: Door
let locked: Door
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'nessus-mcp-ways-'))
  const tokensFile = join(folder, 'tokens.yaml')
  await writeFile(tokensFile, reader.entry)
  open = await openDoor()
  locked = await openDoor({ tokensFile })
})
afterAll(async () => {
  await open.close()
  await locked.close()
  await rm(folder, { recursive: true })
})

const initialize = {
  jsonrpc: '2.0',
  id: 1,
  method: 'initialize',
  params: { protocolVersion: '2025-06-18', capabilities: {}, clientInfo: { name: 'test', version: '1' } },
}
const send = (door: Door, path: string, headers: Record<string, string> = {}, message: object = initialize) =>
  door.ask(path, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify(message),
  })

describe('a client that looks for a sign-in', () => {
  test.each([
    '/.well-known/oauth-protected-resource',
    '/.well-known/oauth-protected-resource/mcp',
    '/.well-known/oauth-authorization-server',
    '/.well-known/oauth-authorization-server/mcp',
    '/.well-known/openid-configuration',
    '/.well-known/openid-configuration/mcp',
    '/mcp/.well-known/openid-configuration',
    '/mcp/.well-known/oauth-authorization-server',
  ])('finds none at %s, without a token', async (path) => {
    const response = await locked.ask(path)
    expect(response.status).toBe(404)
    expect(await response.text()).toContain('Authorization: Bearer <token>')
  })

  test.each(['/register', '/token', '/authorize'])(
    'gets the error of OAuth at %s, with what to configure',
    async (path) => {
      const response = await locked.ask(path, { method: 'POST', body: '{"redirect_uris":["http://localhost/"]}' })
      expect(response.status).toBe(400)
      expect(await response.json()).toEqual({
        error: 'access_denied',
        error_description: expect.stringMatching(/signs nobody in.*nessus-mcp token new/),
      })
    },
  )

  test('is told that no token is wanted where there are none', async () => {
    const response = await open.ask('/register', { method: 'POST', body: '{}' })
    expect(await response.text()).toContain('configure the client without authentication')
  })
})

describe('a client of the transport of 2024-11-05', () => {
  test.each(['/sse', '/sse/', '/messages', '/message?sessionId=1'])(
    'is told what to use instead at %s',
    async (path) => {
      const response = await locked.ask(path)
      expect(response.status).toBe(404)
      expect(await response.text()).toMatch(/HTTP\+SSE transport .* is not served.*\/mcp/)
    },
  )

  test('is told so at /mcp too, where it begins with a GET', async () => {
    const response = await open.ask('/mcp', { headers: { accept: 'text/event-stream' } })
    expect(response.status).toBe(405)
    expect(response.headers.get('allow')).toBe('POST')
    expect(await response.text()).toContain('HTTP+SSE transport of 2024-11-05')
  })
})

describe('/mcp/', () => {
  test('serves like /mcp', async () => {
    expect((await send(open, '/mcp/')).headers.get('mcp-session-id')).not.toBeNull()
  })

  test('is locked like /mcp', async () => {
    expect((await send(locked, '/mcp/')).status).toBe(401)
  })
})

describe('a proxy that puts the headers of the newer protocol on messages of the older', () => {
  test.each(['initialize', 'tools/list', 'nonsense'])('gets its session (Mcp-Method: %s)', async (method) => {
    const response = await send(open, '/mcp', { 'mcp-method': method, 'mcp-protocol-version': '2025-06-18' })
    expect(response.status).toBe(200)
    const session = response.headers.get('mcp-session-id')
    expect(session).not.toBeNull()
    const subscribe = { jsonrpc: '2.0', id: 2, method: 'resources/subscribe', params: { uri: 'nessus://scans' } }
    const subscribed = await send(
      open,
      '/mcp',
      { 'mcp-session-id': session!, 'mcp-method': 'resources/subscribe', 'mcp-protocol-version': '2025-06-18' },
      subscribe,
    )
    expect(await subscribed.text()).toContain('"result":{}')
  })
})

describe('a page of an origin that is allowed', () => {
  const origin = 'https://app.test'

  test('is let in, and may read the answer and what it needs of its headers', async () => {
    const response = await send(locked, '/mcp', { origin, authorization: `Bearer ${reader.token}` })
    expect(response.status).toBe(200)
    expect(response.headers.get('access-control-allow-origin')).toBe(origin)
    expect(response.headers.get('access-control-expose-headers')).toContain('Mcp-Session-Id')
    expect(response.headers.get('vary')).toContain('Origin')
  })

  test('may read errors too, that of a missing token among them', async () => {
    const response = await send(locked, '/mcp', { origin })
    expect(response.status).toBe(401)
    expect(response.headers.get('access-control-allow-origin')).toBe(origin)
  })

  test.each(['/mcp', '/mcp/', '/tools/echo', '/scans/x/results'])(
    'asks first without a token, and is answered (%s)',
    async (path) => {
      const response = await locked.ask(path, {
        method: 'OPTIONS',
        headers: { origin, 'access-control-request-method': 'POST', 'access-control-request-headers': 'authorization' },
      })
      expect(response.status).toBe(204)
      expect(response.headers.get('access-control-allow-origin')).toBe(origin)
      expect(response.headers.get('access-control-allow-methods')).toContain('DELETE')
      expect(response.headers.get('access-control-allow-headers')).toMatch(/Authorization.*Mcp-Session-Id/)
    },
  )
})

test.each(['https://app.test:8443', 'http://app.test', 'https://evil.test', 'null'])(
  'a page of another origin (%s) is turned away, before and after it asks',
  async (origin) => {
    const headers = { origin, 'access-control-request-method': 'POST' }
    const preflight = await locked.ask('/mcp', { method: 'OPTIONS', headers })
    expect(preflight.status).toBe(403)
    expect(preflight.headers.get('access-control-allow-origin')).toBeNull()
    const response = await send(locked, '/mcp', { origin, authorization: `Bearer ${reader.token}` })
    expect(response.status).toBe(403)
    expect(await response.text()).toContain('ALLOWED_ORIGINS')
  },
)

describe('a cursor that was never given out', () => {
  test.each(['tools/list', 'prompts/list', 'resources/templates/list', 'resources/list'])(
    'is an error in %s, not the first page again',
    async (method) => {
      const response = await send(open, '/mcp', {}, { jsonrpc: '2.0', id: 1, method, params: { cursor: 'made-up' } })
      expect(await response.text()).toMatch(/"code":-32602,"message":"cursor: expected/)
    },
  )
})

test("lists show schemas without the words that models' interfaces refuse", async () => {
  const response = await send(open, '/mcp', {}, { jsonrpc: '2.0', id: 1, method: 'tools/list' })
  const text = await response.text()
  expect(text).toContain('"inputSchema":{"type":"object"')
  expect(text).not.toMatch(/\$schema|propertyNames/)
})

describe('arguments as clients write them reach the tool', () => {
  const call = async (args: unknown, name = 'list_tasks') => {
    const response = await send(
      open,
      '/mcp',
      {},
      { jsonrpc: '2.0', id: 1, method: 'tools/call', params: { name, arguments: args } },
    )
    return response.text()
  }

  test.each([[null], [''], ['{"limit":"1"}'], [{ limit: '1', cursor: null, status: '' }]])(
    'over MCP: %j',
    async (args) => {
      const text = await call(args)
      expect(text).toContain('structuredContent')
      expect(text).not.toContain('isError')
    },
  )

  test.each(['null', '""', '"{\\"limit\\":\\"1\\"}"', '{"limit":"1","cursor":null,"status":""}'])(
    'over HTTP: %s',
    async (body) => {
      expect((await open.ask('/tools/list_tasks', { method: 'POST', body })).status).toBe(200)
    },
  )

  test('in a query too', async () => {
    const { task_id: id } = open.addScan('done')
    const of = (query: string) => open.ask(`/scans/${id}/results?${query}`)
    for (const query of [
      'schema_profile=&custom_fields=&sort=&filters=',
      'custom_fields=host,%20severity&sort=-severity',
    ]) {
      expect([200, 409]).toContain((await of(query)).status)
    }
    expect(await (await of('schema_profil=full')).text()).toContain('did you mean schema_profile')
    expect(await (await of('filters=[1]')).text()).toMatch(/filters: expected an object.* got \\"\[1\]/)
  })

  test.each([
    ['tools/call', { name: 'list_tasks', arguments: [1] }, 'arguments: expected an object, got a list'],
    ['tools/call', { name: 5 }, 'name: expected text, got a number'],
    ['tools/call', undefined, 'params: expected an object, got none'],
    ['prompts/get', { name: 'triage_scan' }, 'task_id: expected a value, since it is required, got none'],
    [
      'prompts/get',
      { name: 'triage_scan', arguments: { task_id: [1] } },
      'arguments.task_id: expected text, got a list',
    ],
    ['resources/read', {}, 'uri: expected text, got none'],
    ['initialize', {}, 'protocolVersion: expected text, got none; capabilities: expected an object'],
  ])('and what does not fit is told in our words: %s %j', async (method, params, said) => {
    const response = await send(open, '/mcp', {}, { jsonrpc: '2.0', id: 1, method, ...(params && { params }) })
    const text = await response.text()
    expect(text).toContain(said)
    expect(text).not.toMatch(/invalid_type|Invalid /)
  })

  test('a number where a prompt wants text is meant as one, and null as nothing', async () => {
    const params = { name: 'plan_remediation', arguments: { task_id: 'x', days: 14 } }
    const get = (more: object) =>
      send(open, '/mcp', {}, { jsonrpc: '2.0', id: 1, method: 'prompts/get', params: { ...params, ...more } })
    expect(await (await get({})).text()).toContain('fits into 14 days')
    expect(await (await get({ arguments: { task_id: 'x', days: null } })).text()).toContain('fits into 30 days')
  })
})
