import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { existsSync } from 'node:fs'
import { randomBytes } from 'node:crypto'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { makeToken } from '../../lib/gateway/auth/make-token.ts'
import { requireLock } from '../../lib/gateway/auth/require-lock.ts'
import { openDoor, type Door } from './support/door.ts'

const token = (name: string, scope: 'scan:read' | 'scan:run' | 'admin', expires?: string) =>
  makeToken({ name, scopes: [scope], expires, randomBytes })
const reader = token('reader', 'scan:read')
const runner = token('runner', 'scan:run')
const admin = token('admin', 'admin')
const old = token('old', 'admin', '2020-01-01')

let folder: string
let file: string
let door: Door
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'nessus-mcp-auth-'))
  file = join(folder, 'tokens.yaml')
  await writeFile(file, [reader, runner, admin, old].map(({ entry }) => entry).join(''))
  door = await openDoor({ tokensFile: file })
})
afterAll(async () => {
  await door.close()
  await rm(folder, { recursive: true })
})

const ask = (path: string, bearer?: string, method = 'POST', body?: string) =>
  door.ask(path, {
    method,
    ...(body === undefined ? {} : { body }),
    ...(bearer === undefined ? {} : { headers: { authorization: `Bearer ${bearer}` } }),
  })

describe('without a token', () => {
  test.each([
    ['POST', '/tools/echo'],
    ['POST', '/mcp'],
    ['GET', '/metrics'],
    ['POST', '/scans/import'],
    ['GET', '/scans/x/native'],
    ['GET', '/scans/x/results'],
    ['GET', '/nothing'],
  ])('%s %s is refused', async (method, path) => {
    const response = await ask(path, undefined, method)
    expect(response.status).toBe(401)
    expect(response.headers.get('www-authenticate')).toBe('Bearer realm="nessus-mcp"')
    expect(await response.json()).toMatchObject({ error: { code: 'unauthenticated' } })
  })

  test.each(['/health', '/ready', '/openapi.json', '/mcp/server-card', '/'])('%s is open to anybody', async (path) => {
    expect((await ask(path, undefined, 'GET')).status).toBe(200)
  })
})

describe('a token', () => {
  test('opens what its scope allows, and names the caller to the tool', async () => {
    const response = await ask('/tools/login', runner.token, 'POST', '{"username":"u"}')
    expect(await response.json()).toMatchObject({ caller: 'runner' })
  })

  test('that may run scans may look at them', async () => {
    expect((await ask('/tools/list_tasks', runner.token)).status).toBe(200)
  })

  test('that is too weak is refused with the scope it lacks', async () => {
    const response = await ask('/tools/login', reader.token, 'POST', '{"username":"u"}')
    expect(response.status).toBe(403)
    expect(response.headers.get('www-authenticate')).toContain('error="insufficient_scope", scope="scan:run"')
    expect((await ask('/scans/import', reader.token, 'POST', 'x')).status).toBe(403)
    expect((await ask('/tools/refuse', runner.token)).status).toBe(403)
    expect((await ask('/tools/refuse', admin.token)).status).toBe(404)
  })

  test('that is too weak to import is refused before the file is taken', async () => {
    expect((await ask('/scans/import', reader.token, 'POST', 'x')).status).toBe(403)
    expect(existsSync(join(door.dataDir, 'incoming'))).toBe(false)
  })

  test.each([
    ['unknown', 'nmcp_unknown', 'not known'],
    ['expired', old.token, 'expired at 2020-01-01'],
    ['malformed', 'a b', 'bearer token is needed'],
  ])('that is %s is refused', async (_kind, bearer, said) => {
    const response = await ask('/tools/echo', bearer)
    expect(response.status).toBe(401)
    expect(await response.text()).toContain(said)
  })

  const rpc = async (bearer: string, method: string, params: object = {}, modern = false) => {
    const meta = {
      'io.modelcontextprotocol/protocolVersion': '2026-07-28',
      'io.modelcontextprotocol/clientInfo': { name: 'test', version: '1' },
      'io.modelcontextprotocol/clientCapabilities': {},
    }
    const response = await door.ask('/mcp', {
      method: 'POST',
      headers: {
        authorization: `Bearer ${bearer}`,
        'content-type': 'application/json',
        ...(modern ? { 'mcp-protocol-version': '2026-07-28', 'mcp-method': method, 'mcp-name': 'login' } : {}),
      },
      body: JSON.stringify({
        jsonrpc: '2.0',
        id: 1,
        method,
        params: { ...params, ...(modern ? { _meta: meta } : {}) },
      }),
    })
    expect(response.status).toBe(200)
    const text = await response.text()
    const data = text.startsWith('{')
      ? text
      : text
          .split('\n')
          .find((line) => line.startsWith('data: {'))!
          .slice(6)
    return (JSON.parse(data) as { result: Record<string, unknown> }).result
  }

  test.each([false, true])(
    'that is too weak gets a result over MCP that names the scope, and no HTTP 403 that would begin a sign-in (modern: %s)',
    async (modern) => {
      const call = { name: 'login', arguments: { username: 'u' } }
      const result = await rpc(reader.token, 'tools/call', call, modern)
      expect(result).toMatchObject({ isError: true })
      expect(JSON.stringify(result['content'])).toMatch(
        /login needs the scope scan:run; the token reader has scan:read/,
      )
    },
  )

  test('sees the tools that it may call, and no others', async () => {
    const names = async (bearer: string) =>
      ((await rpc(bearer, 'tools/list'))['tools'] as { name: string }[]).map(({ name }) => name)
    expect(await names(reader.token)).toContain('echo')
    expect(await names(reader.token)).not.toContain('login')
    expect(await names(runner.token)).toContain('login')
    expect(await names(runner.token)).not.toContain('refuse')
    expect(await names(admin.token)).toContain('refuse')
  })

  test('has a list of tools of its own, which no cache may give to another', async () => {
    const { cacheScope } = await rpc(reader.token, 'tools/list', {}, true)
    expect(cacheScope).toBe('private')
  })
})

describe('the lock', () => {
  test.each(['0.0.0.0', '192.168.1.2', '::', 'scans.example'])('is required beyond loopback: %s', (host) => {
    expect(() => requireLock({ host, tokens: false, noAuth: false })).toThrow('AUTH_TOKENS_FILE')
    requireLock({ host, tokens: true, noAuth: false })
    requireLock({ host, tokens: false, noAuth: true })
  })

  test.each(['127.0.0.1', '127.9.9.9', '::1', '[::1]', 'localhost'])('is not required on %s', (host) => {
    expect(() => requireLock({ host, tokens: false, noAuth: false })).not.toThrow()
  })
})
