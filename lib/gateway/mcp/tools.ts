/** Registers the tools with an MCP server. What they look like is made once; a server is made for every request. */
import { type CallToolResult, type McpServer, requireScopes, type ServerContext } from '@modelcontextprotocol/server'
import type { ToolDefinition } from '../../functions/tool.ts'
import type { Arguments } from '../call-event.ts'
import type { Invoke } from '../invoke.ts'
import { toolSchemas } from '../tool-schemas.ts'
import { invocationOf, type Visit } from './call-context.ts'
import { shownSchema } from './standard-schema.ts'
import { errorResult, toolResult } from './tool-result.ts'

/** Turns the answer of a tool that has just started a scan into a task, where the client can follow one. */
export type AsTask = (tool: ToolDefinition, result: CallToolResult, ctx: ServerContext) => CallToolResult

export interface ToolRegistration {
  /** Registers all tools, or only `name` when a request is known to want no other. */
  register(server: McpServer, visit: Visit, name?: string): void
}

export function makeToolRegistration(
  tools: readonly ToolDefinition[],
  { invoke, asTask, locked }: { invoke: Invoke; asTask: AsTask; locked: boolean },
): ToolRegistration {
  const prepared = tools.map((tool) => {
    const { input, output } = toolSchemas(tool)
    const config = {
      title: tool.title,
      description: tool.description,
      inputSchema: shownSchema(input),
      ...(output === undefined ? {} : { outputSchema: shownSchema(output) }),
      annotations: { ...tool.annotations },
      // Where there are tokens, one that is too weak is answered 403, so that a client can ask for a stronger one.
      ...(locked ? { scopeChallenge: requireScopes(tool.scope) } : {}),
    }
    return { tool, config }
  })
  return {
    register(server, visit, name) {
      for (const { tool, config } of prepared) {
        if (name !== undefined && tool.name !== name) continue
        server.registerTool(tool.name, config, async (args: Arguments, ctx) => {
          try {
            const answer = await invoke(tool.name, args ?? {}, invocationOf(ctx, visit))
            return asTask(tool, toolResult(answer), ctx)
          } catch (error) {
            return errorResult(error)
          }
        })
      }
    },
  }
}
