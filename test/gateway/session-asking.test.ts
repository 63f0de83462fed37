/** A server that asks its client back in the middle of a call, with the answer coming in at another gateway. */
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { createAdaptorServer } from '@hono/node-server'
import { inputRequired, inputResponse, McpServer } from '@modelcontextprotocol/server'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { silentLog } from '../../lib/base/log.ts'
import { ANYBODY } from '../../lib/gateway/auth/identity.ts'
import { makeMcpHandler } from '../../lib/gateway/mcp/handler.ts'
import { makeSessions } from '../../lib/gateway/sessions/sessions.ts'
import { begin, post, readStream } from './support/older-requests.ts'
import { type Ground, makeId, makeWorld, type World } from './support/world.ts'

let world: World
let a: string
let b: string
const closing: (() => unknown)[] = []
beforeAll(async () => {
  world = makeWorld()
  const second = world.another()
  await Promise.all([world.caller.ready, second.caller.ready])
  a = await serve(world)
  b = await serve(second)
})
afterAll(async () => {
  for (const close of closing.toReversed()) await close()
  await world.close()
})

/** A server with one tool, which asks for a name. */
function makeServer(): McpServer {
  const server = new McpServer({ name: 'asking', version: '1' }, { capabilities: { tools: {} } })
  server.registerTool('greet', { description: 'greets' }, (ctx) => {
    const answer = inputResponse(ctx.mcpReq.inputResponses, 'who')
    if (answer.kind !== 'missing') return { content: [{ type: 'text', text: `Hello, ${JSON.stringify(answer)}` }] }
    const requestedSchema = { type: 'object' as const, properties: { name: { type: 'string' as const } } }
    return inputRequired({ inputRequests: { who: inputRequired.elicit({ message: 'Who?', requestedSchema }) } })
  })
  return server
}

async function serve({ caller, sessions: ground }: Ground): Promise<string> {
  const sessions = makeSessions({
    ...ground,
    makeServer,
    changes: caller.changes,
    identify: () => ANYBODY,
    onCount() {},
    bodyBytesMax: 1_000_000,
    makeId,
    log: silentLog,
  })
  const mcp = makeMcpHandler({
    makeServer,
    sessions,
    isSlow: () => false,
    bodyBytesMax: 1_000_000,
    now: Date.now,
    log: silentLog,
  })
  const server = createAdaptorServer({ fetch: (request) => mcp.fetch(request, { identity: ANYBODY, traceparent: '' }) })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  closing.push(async () => {
    sessions.close()
    await mcp.close()
    if ('closeAllConnections' in server) server.closeAllConnections()
    server.close()
    await once(server, 'close')
  })
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

const call = (id: number) => ({ jsonrpc: '2.0', id, method: 'tools/call', params: { name: 'greet', arguments: {} } })
const answerTo = (id: unknown, name: string) => ({
  jsonrpc: '2.0',
  id,
  result: { action: 'accept', content: { name } },
})
const asked = async (response: Response) => {
  const stream = readStream(response)
  const read = async () =>
    JSON.parse((await stream.event())!.data!) as { id: unknown; method?: string; result?: object }
  return { question: await read(), read }
}

test.each([
  ['the same', () => a],
  ['another', () => b],
])('an answer that comes in at %s gateway reaches the call that waits for it', async (_name, where) => {
  const session = await begin(a, {}, { elicitation: {} })
  const { question, read } = await asked(await post(a, call(1), session))
  expect(question).toMatchObject({ method: 'elicitation/create', params: { message: 'Who?' } })
  const taken = await post(where(), answerTo(question.id, 'Ada'), session)
  expect(taken.status).toBe(202)
  expect(JSON.stringify(await read())).toContain('Ada')
})

test('two calls of a session that ask at once each get their own answer', async () => {
  const session = await begin(a, {}, { elicitation: {} })
  const calls = await Promise.all([a, b].map(async (url, n) => asked(await post(url, call(n), session))))
  const [first, second] = calls.map(({ question }) => question.id)
  expect(first).not.toEqual(second)
  await post(a, answerTo(second, 'second'), session)
  await post(b, answerTo(first, 'first'), session)
  expect(JSON.stringify(await calls[0]!.read())).toContain('first')
  expect(JSON.stringify(await calls[1]!.read())).toContain('second')
})

test('the answer of another session reaches nobody', async () => {
  const [session, stranger] = [await begin(a, {}, { elicitation: {} }), await begin(b, {}, { elicitation: {} })]
  const { question, read } = await asked(await post(a, call(1), session))
  for (const url of [a, b]) expect((await post(url, answerTo(question.id, 'Mallory'), stranger)).status).toBe(202)
  await post(b, answerTo(question.id, 'Ada'), session)
  expect(JSON.stringify(await read())).toContain('Ada')
})

test('a client that cannot be asked gets an error, and so does one without a session', async () => {
  const session = await begin(a, {}, {})
  expect(await (await post(b, call(1), session)).text()).toContain('did not declare')
  expect(await (await post(b, call(1))).text()).toContain('did not declare')
})

test('an answer that is too long for the way to another gateway is refused', async () => {
  const session = await begin(a, {}, { elicitation: {} })
  const { question, read } = await asked(await post(a, call(1), session))
  expect((await post(b, answerTo(question.id, 'x'.repeat(70_000)), session)).status).toBe(413)
  expect((await post(a, answerTo(question.id, 'x'.repeat(70_000)), session)).status).toBe(202)
  expect(JSON.stringify(await read())).toContain('xxx')
})
