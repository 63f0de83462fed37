/**
 * The tasks extension (SEP-2663): a client that knows it gets a scan as a task
 * and follows that, instead of calling get_scan_status itself. The task is the
 * scan, its id the task_id: nothing is kept here, so it outlives any gateway.
 */
import {
  type CallToolResult,
  CLIENT_CAPABILITIES_META_KEY,
  type McpServer,
  MissingRequiredClientCapabilityError,
  ProtocolError,
  ProtocolErrorCode,
  type ServerContext,
} from '@modelcontextprotocol/server'
import * as v from 'valibot'

export const TASKS_EXTENSION = 'io.modelcontextprotocol/tasks'

/** A task as the protocol shows it. */
export interface TaskState {
  readonly taskId: string
  readonly status: 'working' | 'input_required' | 'completed' | 'failed' | 'cancelled'
  readonly statusMessage?: string
  readonly createdAt: string
  readonly lastUpdatedAt: string
  readonly ttlMs: number | null
  readonly pollIntervalMs: number
  readonly result?: CallToolResult
  readonly error?: { readonly code: number; readonly message: string }
  readonly inputRequests?: Readonly<Record<string, unknown>>
}

/** Where tasks live. */
export interface Tasks {
  /** `undefined` when there is no such task. */
  get(taskId: string, ctx: ServerContext): Promise<TaskState | undefined>
  cancel(taskId: string, ctx: ServerContext): Promise<void>
  /** Hands over answers that a task asked for; absent where tasks never ask. */
  update?(taskId: string, responses: Readonly<Record<string, unknown>>, ctx: ServerContext): Promise<void>
}

const Envelope = v.object({
  [CLIENT_CAPABILITIES_META_KEY]: v.object({ extensions: v.object({ [TASKS_EXTENSION]: v.looseObject({}) }) }),
})
const Params = v.looseObject({ taskId: v.string() })
const UpdateParams = v.looseObject({
  taskId: v.string(),
  inputResponses: v.optional(v.record(v.string(), v.unknown())),
})

/** Whether the client said that it follows tasks. */
export function knowsTasks(ctx: ServerContext): boolean {
  return v.is(Envelope, ctx.mcpReq.envelope)
}

/** The answer to a call that goes on as a task. */
export function taskResult({
  result: _result,
  error: _error,
  inputRequests: _asked,
  ...state
}: TaskState): CallToolResult {
  // The SDK has no type for the extension's result; it passes it through.
  return { resultType: 'task', ...state } as unknown as CallToolResult
}

/** Declares the extension and serves its methods. */
export function registerTasks(server: McpServer, tasks: Tasks): void {
  server.server.registerCapabilities({ extensions: { [TASKS_EXTENSION]: {} } })
  const find = async (taskId: string, ctx: ServerContext) => {
    if (!knowsTasks(ctx)) throw missingCapability()
    const state = await tasks.get(taskId, ctx)
    if (state) return state
    throw new ProtocolError(ProtocolErrorCode.InvalidParams, `Task not found: ${taskId.slice(0, 80)}`)
  }
  server.server.setRequestHandler('tasks/get', { params: Params }, async ({ taskId }, ctx) => ({
    ...(await find(taskId, ctx)),
  }))
  server.server.setRequestHandler('tasks/cancel', { params: Params }, async ({ taskId }, ctx) => {
    await find(taskId, ctx)
    await tasks.cancel(taskId, ctx)
    return {}
  })
  server.server.setRequestHandler('tasks/update', { params: UpdateParams }, async ({ taskId, inputResponses }, ctx) => {
    await find(taskId, ctx)
    // The SDK lifts the responses out of the parameters of methods it knows; they come either way.
    await tasks.update?.(taskId, inputResponses ?? ctx.mcpReq.inputResponses ?? {}, ctx)
    return {}
  })
}

function missingCapability(): MissingRequiredClientCapabilityError {
  return new MissingRequiredClientCapabilityError({
    requiredCapabilities: { extensions: { [TASKS_EXTENSION]: {} } },
  })
}
