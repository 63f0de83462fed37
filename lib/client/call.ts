/** A call of a tool, as programs write it: the tool's name, its arguments, what it answers, and how long to wait. */
import type { ToolTypes } from './generated/tool-types.ts'
import { REPEATABLE_TOOLS } from './generated/repeatable-tools.ts'

export type ToolName = keyof ToolTypes
export type Arguments<T extends ToolName> = ToolTypes[T]['arguments']
export type Result<T extends ToolName> = ToolTypes[T]['result']

export interface CallOptions {
  /** Gives up waiting for the answer; what the tool does is not undone. */
  readonly signal?: AbortSignal
  /** How long the call may take, with all its attempts. Default: the client's. */
  readonly timeoutMs?: number
}

/** Whether a call may be sent twice: its tool says so, or it carries a key by which the gateway knows it for the same call. */
export function mayRepeat(tool: string, args: Readonly<Record<string, unknown>>): boolean {
  return REPEATABLE_TOOLS.has(tool) || args['idempotency_key'] !== undefined
}
