/** What a tool replied, when it must be a result, or must be a refusal. */
import type { WireReply } from '../../lib/runtime/reply.ts'

export function resultOf(reply: WireReply): Record<string, unknown> {
  if (reply.kind !== 'result') throw new Error(`expected a result, got ${JSON.stringify(reply)}`)
  return reply.result as Record<string, unknown>
}

export function refusalOf(reply: WireReply): Extract<WireReply, { kind: 'refusal' }> {
  if (reply.kind !== 'refusal') throw new Error(`expected a refusal, got ${JSON.stringify(reply)}`)
  return reply
}
