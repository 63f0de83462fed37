/** `POST /tools/<name>`: every tool as plain HTTP. The body is the arguments as JSON; the answer is the result. */
import { Hono } from 'hono'
import { bodyLimit } from 'hono/body-limit'
import { Refusal } from '../../base/errors.ts'
import type { CallArguments } from '../call-event.ts'
import type { Caller } from '../call-tool.ts'
import type { Invoke } from '../invoke.ts'
import { sourceOf } from '../source-of.ts'
import type { GatewayEnv } from './environment.ts'
import { problemResponse } from './problem.ts'

export const BODY_BYTES_MAX = 4 * 1024 * 1024

export function toolRoutes({ invoke, tools }: { invoke: Invoke; tools: Caller['tools'] }): Hono<GatewayEnv> {
  const app = new Hono<GatewayEnv>()
  app.use(limitBody())
  app.post('/:name', async (c) => {
    const name = c.req.param('name')
    const answer = await invoke(name, readArguments(await c.req.text()), {
      source: sourceOf(c.req.raw.headers, 'http'),
      identity: c.get('identity'),
      traceparent: c.get('traceparent'),
      idempotencyKey: c.req.header('x-idempotency-key') || undefined,
      // Watching the connection costs a little, and pays only where the call may last.
      signal: tools.get(name)?.slow ? c.req.raw.signal : undefined,
      answered: c.get('answered'),
    })
    if (answer.kind === 'text') return c.body(answer.text, 200, { 'content-type': answer.contentType })
    return c.json(answer.result)
  })
  return app
}

/** Refuses bodies above {@link BODY_BYTES_MAX}. */
export function limitBody() {
  return bodyLimit({
    maxSize: BODY_BYTES_MAX,
    onError: () => problemResponse(new Refusal('too_large', `The body may have at most ${BODY_BYTES_MAX} bytes.`)),
  })
}

/** An empty body is no arguments; the content type does not matter. */
function readArguments(text: string): CallArguments {
  if (text.trim() === '') return {}
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch (cause) {
    // Not the parser's own words: they quote what came, and that may be a password.
    const at = /position (\d+)/.exec(cause instanceof Error ? cause.message : '')?.[1]
    const where = at === undefined ? '' : ` (it goes wrong at character ${at})`
    throw new Refusal('invalid_argument', `The body must be the arguments as a JSON object; it is no JSON${where}.`)
  }
  if (value === null || value === '') return {}
  // Some clients write the arguments as JSON twice.
  if (typeof value === 'string' && value.trimStart().startsWith('{')) return readArguments(value)
  if (typeof value === 'object' && !Array.isArray(value)) return value as CallArguments
  const got = Array.isArray(value) ? 'a list' : `a ${typeof value}`
  throw new Refusal(
    'invalid_argument',
    `The body must be the arguments as a JSON object, such as {"limit": 10}; got ${got}.`,
  )
}
