/** A gateway in a function: MCP by the official server SDK, reached through the client's `fetch` option, without a socket. */
import { createMcpHandler, McpServer } from '@modelcontextprotocol/server'
import { toStandardJsonSchema } from '@valibot/to-json-schema'
import { Hono } from 'hono'
import * as v from 'valibot'

export type Answer =
  | { readonly result: Record<string, unknown> }
  | { readonly text: string }
  | { readonly error: Record<string, unknown> }
export type Tools = Readonly<Record<string, (args: Record<string, unknown>) => Answer>>

export interface StandIn {
  readonly fetch: typeof fetch
  /** Calls that reached a tool, in their order. */
  readonly calls: { readonly tool: string; readonly args: Record<string, unknown> }[]
  /** What each request wanted done with a redirect. */
  readonly redirects: string[]
  /** Authorization headers as they came. */
  readonly authorizations: (string | null)[]
  /** The next tool calls run, but their answers are lost on the way. */
  loseAnswers(count: number): void
  /** The next requests reach nothing, as when nobody listens. */
  refuseRequests(count: number): void
  /** Every request is answered so, without reaching anything, until {@link answerNormally}. */
  answerAll(status: number, body: string): void
  answerNormally(): void
}

const Anything = toStandardJsonSchema(v.looseObject({}))

export function makeStandIn(tools: Tools, routes: (app: Hono) => void = () => {}): StandIn {
  const calls: StandIn['calls'] = []
  const authorizations: StandIn['authorizations'] = []
  const redirects: StandIn['redirects'] = []
  let toLose = 0
  let toRefuse = 0
  let instead: { status: number; body: string } | undefined
  const handler = createMcpHandler(() => {
    const server = new McpServer({ name: 'stand-in', version: '1' }, { capabilities: { tools: {} } })
    for (const [name, answer] of Object.entries(tools)) {
      server.registerTool(name, { description: name, inputSchema: Anything }, (args: Record<string, unknown>) => {
        calls.push({ tool: name, args })
        return toResult(answer(args))
      })
    }
    return server
  })
  const app = new Hono()
  app.all('/mcp', (c) => handler.fetch(c.req.raw))
  routes(app)

  return {
    calls,
    authorizations,
    redirects,
    loseAnswers: (count) => void (toLose = count),
    refuseRequests: (count) => void (toRefuse = count),
    answerAll: (status, body) => void (instead = { status, body }),
    answerNormally: () => void (instead = undefined),
    async fetch(input, init) {
      const request = new Request(input, init)
      redirects.push(request.redirect)
      authorizations.push(request.headers.get('authorization'))
      if (toRefuse > 0) {
        toRefuse -= 1
        throw new TypeError('fetch failed', { cause: new Error('connect ECONNREFUSED') })
      }
      if (instead) return new Response(instead.body, { status: instead.status })
      const before = calls.length
      const response = await app.fetch(request)
      if (toLose === 0) return response
      // A stream's tool runs only as its answer is read.
      await response.clone().text()
      if (calls.length === before) return response
      toLose -= 1
      throw new TypeError('fetch failed', { cause: new Error('read ECONNRESET') })
    },
  }
}

function toResult(answer: Answer) {
  const text =
    'text' in answer ? answer.text : JSON.stringify('result' in answer ? answer.result : { error: answer.error })
  const content = [{ type: 'text' as const, text }]
  if ('result' in answer) return { content, structuredContent: answer.result }
  return 'error' in answer ? { content, isError: true } : { content }
}
