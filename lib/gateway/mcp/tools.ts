/** Registers the tools with an MCP server. What they look like is made once; a server is made for every request. */
import type { CallToolResult, McpServer, ServerContext } from '@modelcontextprotocol/server'
import type { ToolDefinition } from '../../runtime/tool.ts'
import { TOOLSETS_UNASKED } from '../../runtime/toolset.ts'
import type { CallArguments } from '../call-event.ts'
import type { Invoke } from '../invoke.ts'
import { toolSchemas } from '../tool-schemas.ts'
import { invocationOf, type Visit } from './call-context.ts'
import { makeToolListing } from './listed-tool.ts'
import { onOnePage } from './on-one-page.ts'
import { shownSchema } from './standard-schema.ts'
import { errorResult, toolResult } from './tool-result.ts'

/** Turns the answer of a tool that has just started a scan into a task, where the client can follow one. */
export type AsTask = (tool: ToolDefinition, result: CallToolResult, ctx: ServerContext) => CallToolResult

export interface ToolRegistration {
  /**
   * Registers all tools. Those of the toolsets asked for that the caller's token allows are listed; any may be called, and answers
   * what it lacks: as a tool's result, since an HTTP 403 would send a client into a sign-in that cannot succeed with a token that was handed out.
   */
  registerAll(server: McpServer, visit: Visit): void
  /** Registers one tool for a request that is known to call it, and nothing if there is no such tool. */
  registerOne(server: McpServer, visit: Visit, name: string): void
}

export function makeToolRegistration(
  tools: readonly ToolDefinition[],
  { invoke, asTask }: { invoke: Invoke; asTask: AsTask },
): ToolRegistration {
  const run = (tool: ToolDefinition, visit: Visit) => async (args: CallArguments, ctx: ServerContext) =>
    toolResult(await invoke(tool.name, args ?? {}, invocationOf(ctx, visit)))
  const prepared = new Map(tools.map((tool) => [tool.name, prepare(tool)]))
  const listing = makeToolListing(tools)
  return {
    registerAll(server, visit) {
      for (const { tool, call, shown } of prepared.values()) {
        const work = run(tool, visit)
        server.registerTool(tool.name, { ...call, ...shown }, (args: CallArguments, ctx) =>
          work(args, ctx).catch(errorResult),
        )
      }
      server.server.setRequestHandler('tools/list', ({ params }) => {
        onOnePage(params?.cursor)
        const { identity, toolsets = TOOLSETS_UNASKED } = visit
        return { tools: listing.tools({ scopes: identity.scopes, toolsets }) }
      })
    },
    registerOne(server, visit, name) {
      const one = prepared.get(name)
      if (!one) return
      const { tool, call } = one
      const work = run(tool, visit)
      // Without its output schema: the SDK would demand structured content of a result that is a task.
      server.registerTool(name, call, (args: CallArguments, ctx) =>
        work(args, ctx).then((result) => asTask(tool, result, ctx), errorResult),
      )
    },
  }
}

/** What a tool looks like, in the SDK's words: what a call needs, and what the SDK holds results against. */
function prepare(tool: ToolDefinition) {
  const { input, output } = toolSchemas(tool)
  const call = { inputSchema: shownSchema(input) }
  const shown = output === undefined ? {} : { outputSchema: shownSchema(output) }
  return { tool, call, shown }
}
