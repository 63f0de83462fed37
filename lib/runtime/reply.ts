/** How the answer to a tool call travels back: one entry on the stream of the gateway that waits. */
import * as v from 'valibot'
import { REFUSALS, type RefusalCode } from '../base/errors.ts'
import type { BusEvent } from '../bus/event.ts'
import type { BusKeys } from '../bus/keys.ts'
import type { Write } from '../bus/transaction.ts'
import type { Reply } from './outcome.ts'

/** A gateway that has not read its replies for so long is gone. */
const REPLY_TTL_MS = 120_000
const REPLIES_MAX = 1000

const Codes = Object.keys(REFUSALS) as RefusalCode[]

/** A reply as it travels. */
export const WireReply = v.variant('kind', [
  v.object({ kind: v.literal('result'), result: v.record(v.string(), v.unknown()) }),
  v.object({ kind: v.literal('text'), text: v.string(), contentType: v.string() }),
  v.object({
    kind: v.literal('refusal'),
    code: v.picklist(Codes),
    message: v.string(),
    details: v.record(v.string(), v.unknown()),
  }),
])
export type WireReply = v.InferOutput<typeof WireReply>

export function wireReply(reply: Reply): WireReply {
  if ('result' in reply) return { kind: 'result', result: { ...reply.result } }
  if ('text' in reply) return { kind: 'text', text: reply.text, contentType: reply.contentType }
  const { code, message, details } = reply.refusal
  return { kind: 'refusal', code, message, details: { ...details } }
}

/** Appends the reply to the stream of the gateway that `event` came from; none when nobody waits. */
export function replyWrites(event: BusEvent, reply: Reply, keys: BusKeys): Write[] {
  if (event.replyto === undefined) return []
  const stream = keys.replies(event.replyto)
  const body = JSON.stringify(wireReply(reply))
  return [
    ['XADD', stream, 'MAXLEN', '~', String(REPLIES_MAX), '*', 'call', event.id, 'body', body],
    ['PEXPIRE', stream, String(REPLY_TTL_MS)],
  ]
}
