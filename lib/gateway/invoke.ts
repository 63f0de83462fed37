/** A tool call as every way in makes it: the scope is checked, the call is counted, timed and logged. */
import { Refusal } from '../base/errors.ts'
import type { Log } from '../base/log.ts'
import { traceId } from '../bus/event.ts'
import type { Metrics } from '../observe/metrics.ts'
import { demandScope, type Identity } from './auth/identity.ts'
import type { CallArguments } from './call-event.ts'
import type { NoteRefusal } from './refusal-log.ts'
import type { CallAnswer } from './answer.ts'
import type { Caller, ToolCallOptions } from './call-tool.ts'

export interface Invocation extends Omit<ToolCallOptions, 'caller'> {
  readonly identity: Identity
}

/** Throws a Refusal, whatever went wrong. */
export type Invoke = (tool: string, args: CallArguments, invocation: Invocation) => Promise<CallAnswer>

export interface InvokeDeps {
  readonly caller: Caller
  readonly metrics: Pick<Metrics, 'apiRequestsTotal' | 'toolCallSeconds'>
  /** Hears of refusals that no HTTP status tells. */
  readonly refused?: NoteRefusal
  readonly log: Log
}

/** The label of a call to a tool that does not exist: label values must be bounded. */
const UNKNOWN = 'unknown'

export function makeInvoke({ caller, metrics, refused, log }: InvokeDeps): Invoke {
  return async (name, args, { identity, ...options }) => {
    const tool = caller.tools.get(name)
    const startMs = performance.now()
    let status = 'ok'
    try {
      if (tool) demandScope(identity, tool.scope, name)
      return await caller.call(name, args, { ...options, caller: identity.name })
    } catch (error) {
      const refusal = asRefusal(error, options.signal)
      status = refusal.code
      const about = { tool: name, source: options.source ?? null, caller: identity.name ?? null }
      if (options.source !== 'http') refused?.(refusal, { ...about, trace: traceId(options.traceparent) })
      throw refusal
    } finally {
      const seconds = (performance.now() - startMs) / 1000
      metrics.apiRequestsTotal.inc({ tool: tool ? name : UNKNOWN, status })
      metrics.toolCallSeconds.observe({ tool: tool ? name : UNKNOWN }, seconds)
      const fields = { tool: name, status, seconds, caller: identity.name, trace: traceId(options.traceparent) }
      if (status === 'internal') log.error('tool call', fields)
      else log.debug('tool call', fields)
    }
  }
}

function asRefusal(error: unknown, signal: AbortSignal | undefined): Refusal {
  if (error instanceof Refusal) return error
  if (signal?.aborted) return new Refusal('unavailable', 'The caller left before the answer came.')
  return new Refusal('internal', error instanceof Error ? error.message : String(error))
}
