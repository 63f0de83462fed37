import { once } from 'node:events'
import { readFile } from 'node:fs/promises'
import type { AddressInfo } from 'node:net'
import { createAdaptorServer } from '@hono/node-server'
import { Hono } from 'hono'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { Refusal } from '../../lib/base/errors.ts'
import { CALLER_LIMITS, limitCallers } from '../../lib/gateway/http/caller-limits.ts'
import type { GatewayEnv } from '../../lib/gateway/http/environment.ts'
import { problemResponse } from '../../lib/gateway/http/problem.ts'

const limitOf = (what: string) => CALLER_LIMITS.find((kind) => kind.what === what)!.perCaller

/** A gateway whose answers begin at once and go on until their reader leaves; what is `quick` is over at once. */
const app = new Hono<GatewayEnv>()
app.use(async (c, next) => {
  c.set('identity', { name: c.req.header('x-caller'), scopes: new Set() } as never)
  await next()
})
app.use(limitCallers())
app.use(async (c, next) => {
  // As every route does: who does not read what comes hears of no leaving.
  await c.req.arrayBuffer()
  await next()
})
app.post('/tools/quick', (c) => c.text('done'))
app.post('/tools/answered', async (c) => {
  void c.get('answered').then(() => answered++)
  return c.text('done')
})
app.all('*', (c) => c.body(new ReadableStream({ start: (controller) => controller.enqueue(new Uint8Array(1)) })))
app.onError((error) => problemResponse(error as Refusal))
let answered = 0
let callers = 0

const server = createAdaptorServer({ fetch: app.fetch })
let url = ''
beforeAll(async () => {
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
})
afterAll(async () => {
  if ('closeAllConnections' in server) server.closeAllConnections()
  server.close()
})

/** Asks, and holds what is answered until it lets go. */
async function hold(path: string, init: RequestInit & { caller?: string } = {}) {
  const leaving = new AbortController()
  const { caller, ...rest } = init
  const headers = new Headers(rest.headers)
  if (caller !== undefined) headers.set('x-caller', caller)
  const response = await fetch(`${url}${path}`, { ...rest, headers, signal: leaving.signal })
  // Kept: an answer that nobody refers to any more is let go of by the client.
  return {
    response,
    status: response.status,
    retryAfter: response.headers.get('retry-after'),
    leave: () => leaving.abort(),
  }
}
const many = (count: number, path: string, init: Parameters<typeof hold>[1]) =>
  Promise.all(Array.from({ length: count }, () => hold(path, init)))

test.each([
  ['uploads', '/scans/import', { method: 'POST', body: 'x' }],
  ['streams', '/mcp', { method: 'GET' }],
  ['streams', '/mcp', { method: 'POST', body: '{}', headers: { 'mcp-method': 'subscriptions/listen' } }],
  ['readers of whole reports', '/scans/x/results', { method: 'GET' }],
  ['readers of whole reports', '/scans/x/native', { method: 'GET' }],
] as const)(
  'a caller has so many %s (%s), another has its own, and who leaves gives the place back',
  async (what, path, init) => {
    const ann = `ann ${(callers += 1)}`
    const held = await many(limitOf(what), path, { ...init, caller: ann })
    expect(new Set(held.map(({ status }) => status))).toEqual(new Set([200]))
    expect(await hold(path, { ...init, caller: ann })).toMatchObject({ status: 429, retryAfter: '5' })
    const other = await hold(path, { ...init, caller: 'bob' })
    expect(other.status).toBe(200)
    held[0]!.leave()
    await expect.poll(async () => (await hold(path, { ...init, caller: ann })).status).toBe(200)
    for (const each of [...held, other]) each.leave()
  },
)

test('bodies count by their bytes before they are read, and are given back with the answer', async () => {
  const big = { method: 'POST', body: new Uint8Array(4 * 1_048_576), caller: 'ann' }
  const held = await many(4, '/tools/held', big)
  expect((await hold('/tools/held', big)).status).toBe(429)
  expect((await hold('/tools/quick', { ...big, caller: 'bob' })).status).toBe(200)
  for (const each of held) each.leave()
  await expect.poll(async () => (await hold('/tools/quick', big)).status).toBe(200)
  for (let n = 0; n < 10; n++) expect((await hold('/tools/quick', big)).status).toBe(200)
})

test('a request hears when its answer is out', async () => {
  await hold('/tools/answered', { method: 'POST' })
  await expect.poll(() => answered).toBe(1)
  // Where there is no connection, the answer is out when it is made.
  await app.request('/tools/answered', { method: 'POST' })
  expect(answered).toBe(2)
})

test('the runbook tells the limits as they are', async () => {
  const page = await readFile(new URL('../../docs/runbook.md', import.meta.url), 'utf8')
  for (const { what, perCaller, inAll } of CALLER_LIMITS) {
    expect(page).toContain(`| ${what} | ${perCaller} | ${inAll} |`)
  }
})
