/** A few tiny tools, run by the real dispatcher, for tests of the gateway. */
import { setTimeout as sleep } from 'node:timers/promises'
import * as v from 'valibot'
import { Refusal } from '../../../lib/base/errors.ts'
import { tool, type ToolDefinition } from '../../../lib/runtime/tool.ts'

const TASK = v.object({ task_id: v.string(), wait_seconds: v.optional(v.number(), 0) })

const echo = tool({
  name: 'echo',
  title: 'Echo',
  description: 'Gives back what it is given.',
  nature: 'reads',
  arguments: v.object({
    text: v.pipe(v.string(), v.description('What to give back.')),
    times: v.optional(v.number(), 1),
  }),
  output: v.object({ text: v.string(), length: v.number(), trace: v.optional(v.string()) }),
  emits: {},
  async run({ text, times }, { event }) {
    const repeated = text.repeat(times)
    return { reply: { result: { text: repeated, length: repeated.length, trace: event.traceparent } } }
  },
})

/** Says what it was told, secrets and all that came with the call. */
const login = tool({
  name: 'login',
  title: 'Log in',
  description: 'Takes a secret.',
  nature: 'starts-scan',
  arguments: v.object({
    username: v.string(),
    password: v.optional(v.string()),
    idempotency_key: v.optional(v.string()),
  }),
  secrets: ['password'],
  output: v.record(v.string(), v.unknown()),
  emits: {},
  async run(args, { sealed, vault, keyspace, scanKeys, requestHash, caller, idempotencyKey }) {
    const stored = sealed === undefined ? undefined : await keyspace.get(scanKeys.vault(sealed))
    const opened = sealed === undefined || stored === undefined ? null : vault.open(sealed, stored)
    const result = {
      args,
      length: JSON.stringify(opened).length,
      opened_password_is_right: JSON.stringify(opened) === '{"password":"canary-tweety"}',
      hash: requestHash,
      caller: caller ?? null,
      key: idempotencyKey ?? null,
    }
    return { reply: { result } }
  },
})

const lines = tool({
  name: 'lines',
  title: 'Lines',
  description: 'Answers JSON-NL.',
  nature: 'reads',
  arguments: v.object({}),
  emits: {},
  async run() {
    return { reply: { text: '{"n":1}\n{"n":2}\n', contentType: 'application/x-ndjson' } }
  },
})

const refuse = tool({
  name: 'refuse',
  title: 'Refuse',
  description: 'Refuses.',
  nature: 'reads',
  scope: 'admin',
  arguments: v.object({}),
  output: v.object({}),
  emits: {},
  async run() {
    throw new Refusal('not_found', 'There is no such thing. Ask for another.', { thing: 'x' })
  },
})

const slow = tool({
  name: 'slow',
  title: 'Slow',
  description: 'Answers after a while.',
  toolset: 'details',
  nature: 'reads',
  arguments: v.object({ task_id: v.optional(v.string()), ms: v.optional(v.number(), 400) }),
  output: v.object({ done: v.boolean() }),
  slow: true,
  emits: {},
  async run({ ms }, { signal }) {
    await sleep(ms, undefined, { signal })
    return { reply: { result: { done: true } } }
  },
})

export const fixtureTools: ToolDefinition[] = [echo, login, lines, refuse, slow] as unknown as ToolDefinition[]
export { TASK }
