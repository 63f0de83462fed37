/** Which tools a client is shown is for it to say: by the address, else by its token. */
import { randomBytes } from 'node:crypto'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { makeToken } from '../../lib/gateway/auth/make-token.ts'
import { readTokens } from '../../lib/gateway/auth/token-file.ts'
import { openDoor, type Door } from './support/door.ts'

const token = (name: string, toolset?: string) => makeToken({ name, scopes: ['admin'], toolset, randomBytes })
const plain = token('plain')
const wide = token('wide', 'all')
const scanners = token('scanners', 'scanners, details')

let folder: string
let door: Door
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'nessus-mcp-toolsets-'))
  const tokensFile = join(folder, 'tokens.yaml')
  await writeFile(tokensFile, [plain, wide, scanners].map(({ entry }) => entry).join(''))
  door = await openDoor({ tokensFile })
})
afterAll(async () => {
  await door.close()
  await rm(folder, { recursive: true })
})

const META = {
  'io.modelcontextprotocol/protocolVersion': '2026-07-28',
  'io.modelcontextprotocol/clientInfo': { name: 'test', version: '1' },
  'io.modelcontextprotocol/clientCapabilities': {},
}
interface Message {
  readonly result: { readonly tools: { readonly name: string }[]; readonly structuredContent?: object }
  readonly error?: { readonly message: string }
}

async function rpc(
  path: string,
  bearer: string,
  method: string,
  { params = {}, headers = {} }: { params?: object; headers?: Record<string, string> } = {},
) {
  const modern = 'mcp-protocol-version' in headers
  const response = await door.ask(path, {
    method: 'POST',
    headers: {
      authorization: `Bearer ${bearer}`,
      'content-type': 'application/json',
      accept: 'application/json, text/event-stream',
      ...headers,
    },
    body: JSON.stringify({ jsonrpc: '2.0', id: 1, method, params: { ...params, ...(modern && { _meta: META }) } }),
  })
  const text = await response.text()
  const data = text.startsWith('{') ? text : (/^data: (\{.*\})$/m.exec(text)?.[1] ?? '{}')
  return { status: response.status, session: response.headers.get('mcp-session-id'), ...(JSON.parse(data) as Message) }
}
const MODERN = { 'mcp-protocol-version': '2026-07-28', 'mcp-method': 'tools/list' }
const listed = async (path: string, bearer: string, headers: Record<string, string> = {}) =>
  (await rpc(path, bearer, 'tools/list', { headers })).result.tools.map(({ name }) => name)

test.each([{}, MODERN])('a list has what is asked for by the address, in either protocol (%j)', async (headers) => {
  expect(await listed('/mcp', plain.token, headers)).toContain('echo')
  expect(await listed('/mcp', plain.token, headers)).not.toContain('slow')
  expect(await listed('/mcp?toolset=details', plain.token, headers)).toEqual(['slow'])
  expect(await listed('/mcp/?toolset=all', plain.token, headers)).toEqual(expect.arrayContaining(['echo', 'slow']))
})

test('a list has what the token says, where the address says nothing', async () => {
  expect(await listed('/mcp', wide.token)).toEqual(expect.arrayContaining(['echo', 'slow']))
  expect(await listed('/mcp', scanners.token)).toEqual(['slow'])
  expect(await listed('/mcp?toolset=default', scanners.token)).toContain('echo')
  expect(await listed('/mcp?toolset=', wide.token)).not.toContain('slow')
})

test('a session is asked like any other request', async () => {
  const hello = { protocolVersion: '2025-11-25', capabilities: {}, clientInfo: { name: 'test', version: '1' } }
  const { session } = await rpc('/mcp?toolset=details', plain.token, 'initialize', { params: hello })
  expect(session).not.toBeNull()
  expect(await listed('/mcp?toolset=details', plain.token, { 'mcp-session-id': session! })).toEqual(['slow'])
})

test('a toolset that there is not is refused with those that there are', async () => {
  const { status, error } = await rpc('/mcp?toolset=slowly', plain.token, 'tools/list')
  expect(status).toBe(400)
  expect(error?.message).toMatch(/toolset: expected default, scanners, .* or all, with commas between; got "slowly"/)
  const bad = plain.entry.replace('scopes', 'toolset: everything\n  scopes')
  expect(() => readTokens(bad, 'tokens.yaml')).toThrow(/0\.toolset: expected default, .* or all/)
})

test('a tool that is not listed answers all the same', async () => {
  const call = { name: 'slow', arguments: {} }
  expect(await listed('/mcp', plain.token)).not.toContain('slow')
  expect((await rpc('/mcp', plain.token, 'tools/call', { params: call })).result).not.toMatchObject({ isError: true })
})
