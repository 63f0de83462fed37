/** The MCP server of this product: its tools, resources, prompts and tasks, for one request. */
import { McpServer } from '@modelcontextprotocol/server'
import type { ToolDefinition } from '../../runtime/tool.ts'
import type { Invoke } from '../invoke.ts'
import type { ScanFiles } from '../scan-files.ts'
import type { MakeServer } from './call-context.ts'
import { registerCompletions } from './completions.ts'
import { speakPlainly } from './plain-messages.ts'
import { registerPrompts } from './prompts.ts'
import { registerResources } from './resources.ts'
import { asScanTask, makeScanTasks } from './scan-tasks.ts'
import { INSTRUCTIONS, SERVER } from './server-info.ts'
import { registerSubscriptions } from './subscriptions.ts'
import { registerTasks } from './tasks.ts'
import { makeToolRegistration } from './tools.ts'

const LIST_TTL_MS = 300_000

export interface McpServerDeps {
  readonly tools: readonly ToolDefinition[]
  readonly invoke: Invoke
  readonly files: Pick<ScanFiles, 'native'>
  /** Whether callers must present a token. */
  readonly locked: boolean
  readonly version: string
}

export function makeServerFactory(deps: McpServerDeps): MakeServer {
  const { tools, invoke, locked, version } = deps
  const registration = makeToolRegistration(tools, { invoke, asTask: asScanTask })
  const stable = { ttlMs: LIST_TTL_MS, cacheScope: 'public' } as const
  const cacheHints = {
    // Which tools there are hangs on the token.
    'tools/list': locked ? ({ ...stable, cacheScope: 'private' } as const) : stable,
    'prompts/list': stable,
    'resources/templates/list': stable,
    'server/discover': stable,
  }
  return (visit, { era, requestInfo }) => {
    // Pushed to those who listen; the older protocol has nowhere to push to but the stream of a session.
    const pushes = era === 'modern' || visit.subscriptions !== undefined
    const server = new McpServer(
      { ...SERVER, version },
      {
        capabilities: {
          tools: { listChanged: false },
          prompts: { listChanged: false },
          resources: { listChanged: pushes, subscribe: pushes },
        },
        instructions: INSTRUCTIONS,
        cacheHints,
      },
    )
    speakPlainly(server)
    // A request that says which tool it calls needs nothing else: the SDK makes a server per request.
    const name = era === 'modern' ? calledTool(requestInfo) : undefined
    registerTasks(server, makeScanTasks(invoke, visit))
    if (name !== undefined) {
      registration.registerOne(server, visit, name)
      return server
    }
    registration.registerAll(server, visit)
    registerResources(server, visit, deps)
    if (visit.subscriptions) registerSubscriptions(server, visit, visit.subscriptions, invoke)
    registerPrompts(server)
    registerCompletions(server, visit, invoke)
    return server
  }
}

function calledTool(request: Request | undefined): string | undefined {
  if (request?.headers.get('mcp-method') !== 'tools/call') return undefined
  return request.headers.get('mcp-name') ?? undefined
}
