/** Registers the tools with an MCP server. What they look like is made once; a server is made for every request. */
import { type CallToolResult, type McpServer, requireScopes, type ServerContext } from '@modelcontextprotocol/server'
import type { ToolDefinition } from '../../runtime/tool.ts'
import type { Arguments } from '../call-event.ts'
import type { Invoke } from '../invoke.ts'
import { toolSchemas } from '../tool-schemas.ts'
import { invocationOf, type Visit } from './call-context.ts'
import { shownSchema } from './standard-schema.ts'
import { errorResult, toolResult } from './tool-result.ts'

/** Turns the answer of a tool that has just started a scan into a task, where the client can follow one. */
export type AsTask = (tool: ToolDefinition, result: CallToolResult, ctx: ServerContext) => CallToolResult

export interface ToolRegistration {
  /** Registers all tools, to be listed and called. */
  registerAll(server: McpServer, visit: Visit): void
  /** Registers one tool for a request that is known to call it, and nothing if there is no such tool. */
  registerOne(server: McpServer, visit: Visit, name: string): void
}

export function makeToolRegistration(
  tools: readonly ToolDefinition[],
  { invoke, asTask, locked }: { invoke: Invoke; asTask: AsTask; locked: boolean },
): ToolRegistration {
  const run = (tool: ToolDefinition, visit: Visit) => async (args: Arguments, ctx: ServerContext) =>
    toolResult(await invoke(tool.name, args ?? {}, invocationOf(ctx, visit)))
  const prepared = new Map(tools.map((tool) => [tool.name, prepare(tool, locked)]))
  return {
    registerAll(server, visit) {
      for (const { tool, call, shown } of prepared.values()) {
        const work = run(tool, visit)
        server.registerTool(tool.name, { ...call, ...shown }, (args: Arguments, ctx) =>
          work(args, ctx).catch(errorResult),
        )
      }
    },
    registerOne(server, visit, name) {
      const one = prepared.get(name)
      if (!one) return
      const { tool, call } = one
      const work = run(tool, visit)
      // Without its output schema: the SDK would demand structured content of a result that is a task.
      server.registerTool(name, call, (args: Arguments, ctx) =>
        work(args, ctx).then((result) => asTask(tool, result, ctx), errorResult),
      )
    },
  }
}

/** What a tool looks like, in the SDK's words: what a call needs, and what is shown in lists beside it. */
function prepare(tool: ToolDefinition, locked: boolean) {
  const { input, output } = toolSchemas(tool)
  const call = {
    inputSchema: shownSchema(input),
    // Where there are tokens, one that is too weak is answered 403, so that a client can ask for a stronger one.
    ...(locked ? { scopeChallenge: requireScopes(tool.scope) } : {}),
  }
  const shown = {
    title: tool.title,
    description: tool.description,
    ...(output === undefined ? {} : { outputSchema: shownSchema(output) }),
    annotations: { ...tool.annotations },
  }
  return { tool, call, shown }
}
