/** Puts the gateway together: caller, front door, HTTP and MCP. What it stands on comes in; no socket is opened here. */
import type { Hono } from 'hono'
import type { Log } from '../base/log.ts'
import type { Bus } from '../bus/bus.ts'
import type { Metrics } from '../observe/metrics.ts'
import type { Reports } from '../reports/reports.ts'
import { makeApp } from './app.ts'
import type { Auth } from './auth/auth.ts'
import type { Caller } from './call-tool.ts'
import { makeHealth } from './health.ts'
import type { GatewayEnv } from './http/environment.ts'
import { BODY_BYTES_MAX } from './http/tool-routes.ts'
import { makeRefusalLog } from './refusal-log.ts'
import { makeInvoke, type Invoke } from './invoke.ts'
import { announceChanges } from './mcp/announce-changes.ts'
import type { MakeServer } from './mcp/call-context.ts'
import { makeMcpHandler } from './mcp/handler.ts'
import { makeServerFactory } from './mcp/server.ts'
import type { ScanFiles } from './scan-files.ts'
import { makeSessions, type SessionsOptions } from './sessions/sessions.ts'

export interface GatewayDeps {
  readonly bus: Bus
  readonly caller: Caller
  readonly auth: Auth
  readonly metrics: Metrics
  readonly files: ScanFiles
  /** A sentence when Redis takes nothing new. Throws when Redis is not safe to use as it is set up. */
  readonly checkRedis?: () => Promise<string | undefined>
  readonly reports: Pick<Reports, 'export'>
  /** Where the sessions of the older protocol are. */
  readonly sessions: Pick<SessionsOptions, 'store' | 'news' | 'scanLog'>
  /** A new name that nobody can guess. */
  readonly makeId: () => string
  readonly allowedHosts: readonly string[]
  readonly allowedOrigins: readonly string[]
  readonly adoptTrace: (header: string | undefined) => string
  readonly importBytesMax: number
  readonly publicUrl: string | undefined
  readonly version: string
  readonly now: () => number
  readonly log: Log
}

export interface Gateway {
  readonly app: Hono<GatewayEnv>
  readonly invoke: Invoke
  /** Makes an MCP server for one visit: for ways in other than HTTP. */
  readonly makeServer: MakeServer
  /** Ends subscriptions and MCP exchanges that are still open. */
  close(): Promise<void>
}

export function makeGateway(deps: GatewayDeps): Gateway {
  const { caller, auth, log } = deps
  const refused = makeRefusalLog(deps)
  const invoke = makeInvoke({ ...deps, refused })
  const makeServer = makeServerFactory({
    ...deps,
    invoke,
    tools: [...caller.tools.values()],
    locked: auth.required,
  })
  const sessions = makeSessions({
    ...deps.sessions,
    makeServer,
    changes: caller.changes,
    identify: (authorization) => auth.identify(authorization),
    onCount: (streams) => deps.metrics.mcpStreams.set(streams),
    bodyBytesMax: BODY_BYTES_MAX,
    makeId: deps.makeId,
    log,
  })
  const mcp = makeMcpHandler({
    makeServer,
    sessions,
    isSlow: (tool) => caller.tools.get(tool)?.slow ?? false,
    bodyBytesMax: BODY_BYTES_MAX,
    now: deps.now,
    log,
  })
  const silence = announceChanges(caller.changes, mcp.events)
  const app = makeApp({ ...deps, refused, invoke, health: makeHealth(deps), mcp: (...visit) => mcp.fetch(...visit) })
  return {
    app,
    invoke,
    makeServer,
    async close() {
      silence()
      sessions.close()
      await mcp.close()
    },
  }
}
