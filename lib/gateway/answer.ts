import type { WireReply } from '../runtime/reply.ts'

/** A tool's answer, when it is not a refusal. */
export type CallAnswer = Exclude<WireReply, { kind: 'refusal' }>
