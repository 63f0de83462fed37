import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { Refusal } from '../../lib/base/errors.ts'
import { makeScanFiles } from '../../lib/gateway/scan-files.ts'
import { startRedis } from '../support/redis.ts'
import { openDoor, type Door } from './support/door.ts'

let door: Door
beforeAll(async () => {
  door = await openDoor({
    reports: {
      async *export(taskId, { filters }) {
        if (filters && 'nonsense' in filters) throw new Refusal('invalid_argument', 'no such field')
        for (let n = 0; n < 3; n++) yield `{"task":"${taskId}","n":${n}}\n`
      },
    },
  })
})
afterAll(async () => {
  await door.close()
})

const post = (path: string, body?: string, headers: Record<string, string> = {}) =>
  door.ask(path, { method: 'POST', headers, ...(body === undefined ? {} : { body }) })
const errorOf = async (response: Response) => ((await response.json()) as { error: Record<string, unknown> }).error

describe('POST /tools/<name>', () => {
  test('answers the result as JSON, whatever the content type says', async () => {
    const response = await post('/tools/echo', '{"text":"a","times":3}', { 'content-type': 'text/plain' })
    expect(response.status).toBe(200)
    expect(await response.json()).toMatchObject({ text: 'aaa' })
  })

  test('takes an empty body for no arguments', async () => {
    expect((await post('/tools/list_tasks')).status).toBe(200)
  })

  test('answers JSON-NL as such', async () => {
    const response = await post('/tools/lines', '{}')
    expect(response.headers.get('content-type')).toBe('application/x-ndjson')
    expect(await response.text()).toBe('{"n":1}\n{"n":2}\n')
  })

  test('answers errors with code, message, details and status', async () => {
    const response = await post('/tools/refuse')
    expect(response.status).toBe(404)
    expect(await errorOf(response)).toEqual({
      code: 'not_found',
      message: 'There is no such thing. Ask for another.',
      thing: 'x',
    })
  })

  test.each([
    ['{"text":', 'no JSON'],
    ['[1]', 'got a list'],
    ['"a"', 'got a string'],
    ['7', 'got a number'],
  ])('says what is wrong with the body %s', async (body, said) => {
    const response = await post('/tools/echo', body)
    expect(response.status).toBe(400)
    expect((await errorOf(response))['message']).toContain(said)
  })

  test('refuses a body that is too large', async () => {
    const response = await post('/tools/echo', JSON.stringify({ text: 'a'.repeat(5_000_000) }))
    expect(response.status).toBe(413)
  })

  test('hands the idempotency key on', async () => {
    const response = await post('/tools/login', '{"username":"u"}', { 'x-idempotency-key': 'k1' })
    expect(await response.json()).toMatchObject({ key: 'k1', caller: null })
  })

  test('adopts the trace of the caller, and makes one where it is malformed', async () => {
    const sent = '00-0123456789abcdef0123456789abcdef-0123456789abcdef-01'
    const kept = (await (await post('/tools/echo', '{"text":"a"}', { traceparent: sent })).json()) as { trace: string }
    expect(kept.trace.slice(0, 35)).toBe(sent.slice(0, 35))
    const made = (await (await post('/tools/echo', '{"text":"a"}', { traceparent: 'x' })).json()) as { trace: string }
    expect(made.trace).toMatch(/^00-[0-9a-f]{32}-[0-9a-f]{16}-01$/)
  })

  test('names the routes there are when there is none', async () => {
    const response = await door.ask('/tool/echo')
    expect(response.status).toBe(404)
    expect((await errorOf(response))['message']).toContain('POST /tools/<name>')
  })

  test.each([
    ['GET', '/tools/echo', 'POST'],
    ['POST', '/scans/x/native', 'GET, HEAD'],
  ])('answers %s %s with the method it takes', async (method, path, allow) => {
    const response = await door.ask(path, { method })
    expect(response.status).toBe(405)
    expect(response.headers.get('allow')).toBe(allow)
  })

  test('counts calls by tool and outcome, and unknown tools as one', async () => {
    await post('/tools/no-such-tool')
    const text = await (await door.ask('/metrics')).text()
    expect(text).toContain('nessus_api_requests_total{tool="refuse",status="not_found"} 1')
    expect(text).toContain('nessus_api_requests_total{tool="unknown",status="not_found"} 1')
    expect(text).not.toContain('no-such-tool')
  })
})

describe('health', () => {
  test('has the shape that monitors know', async () => {
    const response = await door.ask('/health')
    expect(response.status).toBe(200)
    expect(await response.json()).toEqual({
      redis_healthy: true,
      filesystem_healthy: true,
      overall_status: 'healthy',
      response_code: 200,
      version: '0.0.0-test',
      tools_without_worker: [],
      problems: [],
    })
    expect((await door.ask('/ready')).status).toBe(200)
  })

  test('says so when Redis or the data directory is away', async () => {
    const own = await startRedis()
    const ill = await openDoor({
      url: own.url,
      files: makeScanFiles('/nowhere/at/all'),
    })
    try {
      await own.kill()
      const response = await ill.ask('/health')
      expect(response.status).toBe(503)
      expect(await response.json()).toMatchObject({
        redis_healthy: false,
        filesystem_healthy: false,
        overall_status: 'unhealthy',
        response_code: 503,
      })
      expect((await ill.ask('/ready')).status).toBe(503)
    } finally {
      await ill.close()
      await own.stop()
    }
  })
})

describe('what describes the gateway', () => {
  test('the OpenAPI document has every tool with its schemas', async () => {
    const api = (await (await door.ask('/openapi.json')).json()) as { paths: Record<string, object> }
    expect(Object.keys(api.paths)).toContain('/tools/echo')
    expect(api.paths['/tools/echo']).toMatchObject({
      post: {
        requestBody: { content: { 'application/json': { schema: { properties: { text: { type: 'string' } } } } } },
        responses: { '200': {}, '400': {}, '404': {}, '503': {} },
      },
    })
  })

  test.each(['/.well-known/mcp/server-card.json', '/mcp/server-card'])('%s says where MCP is', async (path) => {
    expect(await (await door.ask(path)).json()).toMatchObject({
      name: 'nessus-mcp',
      remotes: [{ type: 'streamable-http', url: 'http://localhost/mcp' }],
    })
  })
})
