/** What a call over MCP brings with it: the caller, the trace, the wish to hear of progress. */
import {
  type McpRequestContext,
  type McpServer,
  type ServerContext,
  TRACEPARENT_META_KEY,
} from '@modelcontextprotocol/server'
import { parseTraceparent } from '../../observe/trace.ts'
import type { Toolset } from '../../runtime/toolset.ts'
import type { Identity } from '../auth/identity.ts'
import type { ScanNews } from '../changes.ts'
import type { Invocation } from '../invoke.ts'
import { sourceOf } from '../source-of.ts'

/** What the front door knows of a request before MCP looks at it. */
export interface Visit {
  readonly identity: Identity
  readonly traceparent: string
  /** Which tools are listed; absent where nobody asked for any in particular. */
  readonly toolsets?: ReadonlySet<Toolset>
  /** Resolves when the answer to the request is out; absent where there is no telling. */
  readonly answered?: Promise<void>
  /** What a client of the older protocol follows; absent where it has no session. */
  readonly subscriptions?: Subscriptions | undefined
}

/** Both throw a ProtocolError when it cannot be done. */
export interface Subscriptions {
  add(uri: string): Promise<void>
  remove(uri: string): Promise<void>
}

/** Makes the server that answers one request of one caller. */
export type MakeServer = (visit: Visit, request: McpRequestContext) => McpServer

/** How the tool is called for this request. */
export function invocationOf(ctx: ServerContext, { identity, traceparent, answered }: Visit): Invocation {
  const meta = ctx.mcpReq._meta?.[TRACEPARENT_META_KEY]
  const own = typeof meta === 'string' && parseTraceparent(meta) ? meta : undefined
  return {
    source: ctx.http?.req ? sourceOf(ctx.http.req.headers, 'mcp') : 'stdio',
    identity,
    traceparent: own ?? traceparent,
    idempotencyKey: ctx.http?.req?.headers.get('x-idempotency-key') || undefined,
    signal: ctx.mcpReq.signal,
    answered,
    onProgress: progressOf(ctx),
  }
}

/** Sends what happens to the scan as progress, when the client asked for it. */
function progressOf(ctx: ServerContext): ((news: ScanNews) => void) | undefined {
  const progressToken = ctx.mcpReq._meta?.progressToken
  if (progressToken === undefined) return undefined
  let last = -1
  return ({ status, step, progress }) => {
    // The protocol wants every notification to be further on than the one before; a new step counts as a little.
    last = Math.max(last + 0.01, progress ?? 0)
    const at = progress === undefined ? '' : `, ${Math.round(progress)} %`
    const params = { progressToken, progress: Math.min(last, 100), total: 100, message: `${status}: ${step}${at}` }
    // A client that has left has no use for it.
    ctx.mcpReq.notify({ method: 'notifications/progress', params }).catch(() => {})
  }
}
