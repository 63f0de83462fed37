/**
 * The gateway's HTTP surface. Tests call `app.request(…)`; no socket is opened
 * here. In front of every route: the checks of Host and Origin. Then the probes,
 * the caller's trace and, but for what describes the server, the token.
 */
import { withoutEnd } from '../base/without-end.ts'
import { type Context, Hono } from 'hono'
import { HTTPException } from 'hono/http-exception'
import { PermanentError, Refusal } from '../base/errors.ts'
import type { Log } from '../base/log.ts'
import { traceId } from '../bus/event.ts'
import type { Metrics } from '../observe/metrics.ts'
import type { Reports } from '../reports/reports.ts'
import type { Auth } from './auth/auth.ts'
import { demandScope } from './auth/identity.ts'
import type { Caller } from './call-tool.ts'
import { CONSOLE_HTML, CONSOLE_POLICY } from './http/console.ts'
import { absentProtocols } from './http/absent-protocols.ts'
import { cors } from './http/cors.ts'
import { limitCallers } from './http/caller-limits.ts'
import type { GatewayEnv } from './http/environment.ts'
import { sourceOf } from './source-of.ts'
import { guardHosts } from './http/guard.ts'
import type { Health } from './health.ts'
import { importRoute } from './http/import-route.ts'
import type { NoteRefusal } from './refusal-log.ts'
import { makeLinger } from './http/linger.ts'
import { noRoute } from './http/no-route.ts'
import { openApi } from './http/openapi.ts'
import { problemResponse } from './http/problem.ts'
import { scanRoutes } from './http/scan-routes.ts'
import { serverCard } from './http/server-card.ts'
import { limitBody, toolRoutes } from './http/tool-routes.ts'
import type { Invoke } from './invoke.ts'
import type { Visit } from './mcp/call-context.ts'
import { SERVER } from './mcp/server-info.ts'
import type { ScanFiles } from './scan-files.ts'

export interface AppDeps {
  readonly caller: Caller
  readonly invoke: Invoke
  readonly auth: Auth
  readonly health: () => Promise<Health>
  readonly metrics: Pick<Metrics, 'render' | 'contentType'>
  readonly files: ScanFiles
  readonly reports: Pick<Reports, 'export'>
  readonly mcp: (request: Request, visit: Visit) => Promise<Response>
  /** Names beside loopback by which clients reach the gateway. */
  readonly allowedHosts: readonly string[]
  /** Origins beside our own whose pages may call, such as `https://app.example.com`. */
  readonly allowedOrigins: readonly string[]
  /** The caller's trace when its header is sound, else a new one. */
  readonly adoptTrace: (header: string | undefined) => string
  readonly importBytesMax: number
  readonly publicUrl: string | undefined
  readonly version: string
  /** Hears of each refusal that is answered. */
  readonly refused?: NoteRefusal
  readonly log: Log
}

export function makeApp(deps: AppDeps): Hono<GatewayEnv> {
  const { auth, log } = deps
  const app = new Hono<GatewayEnv>()
  app.use(guardHosts(deps))
  app.use(cors(deps.allowedOrigins))
  probes(app, deps)
  app.use(async (c, next) => {
    c.set('traceparent', deps.adoptTrace(c.req.header('traceparent')))
    await next()
  })
  describe(app, deps)
  absentProtocols(app, { locked: auth.required })
  app.use(async (c, next) => {
    c.set('identity', auth.identify(c.req.header('authorization')))
    await next()
  })
  app.use(limitCallers())
  for (const path of ['/mcp', '/mcp/']) {
    app.use(path, limitBody())
    app.all(path, (c) => deps.mcp(c.req.raw, visitOf(c)))
  }
  app.route('/tools', toolRoutes({ invoke: deps.invoke, tools: deps.caller.tools }))
  app.route('/scans/import', importRoute({ ...deps, bytesMax: deps.importBytesMax }))
  app.route('/scans', scanRoutes(deps))
  app.notFound((c) => noRoute(c.req.method, c.req.path))
  const linger = makeLinger()
  app.onError(async (error, c) => {
    const refusal = asRefusal(error)
    if (refusal.code === 'busy') await linger(c.env?.outgoing)
    const fields = { method: c.req.method, path: c.req.path, code: refusal.code, trace: traceId(c.get('traceparent')) }
    if (refusal.code === 'internal') log.error('request failed', { ...fields, error })
    else log.debug('request refused', { ...fields, reason: refusal.message })
    deps.refused?.(refusal, {
      ...fields,
      source: sourceOf(c.req.raw.headers, 'http'),
      caller: c.get('identity')?.name ?? null,
    })
    return problemResponse(refusal)
  })
  return app
}

const visitOf = (c: Context<GatewayEnv>): Visit => ({
  identity: c.get('identity'),
  traceparent: c.get('traceparent'),
  answered: c.get('answered'),
})

/** What machines ask by address: whether the gateway lives, without a token, and its metrics, with one. */
function probes(app: Hono<GatewayEnv>, deps: AppDeps): void {
  const { auth, metrics } = deps
  // Who asks while an answer is being made shares it: to be asked often costs no more.
  const health = shared(deps.health)
  const render = shared(() => metrics.render())
  app.get('/health', async (c) => {
    const answer = await health()
    return c.json(answer, answer.response_code)
  })
  app.get('/ready', async (c) => {
    const { redis_healthy: ready, problems } = await health()
    return c.json({ ready, problems }, ready ? 200 : 503)
  })
  app.get('/metrics', async (c) => {
    demandScope(auth.identify(c.req.header('authorization')), 'scan:read', 'GET /metrics')
    return c.text(await render(), 200, { 'content-type': metrics.contentType })
  })
}

/** What the gateway is, for anybody. */
function describe(app: Hono<GatewayEnv>, { caller, auth, version, publicUrl }: AppDeps): void {
  const tools = [...caller.tools.values()]
  // Anybody may ask for it: it is written once.
  const api = new TextEncoder().encode(JSON.stringify(openApi({ tools, version, locked: auth.required })))
  const card = (url: string) =>
    serverCard({ ...SERVER, version, url: mcpUrl(publicUrl ?? new URL(url).origin), locked: auth.required })
  app.get('/', (c) =>
    c.html(CONSOLE_HTML, 200, { 'content-security-policy': CONSOLE_POLICY, 'x-content-type-options': 'nosniff' }),
  )
  app.get('/openapi.json', (c) => c.body(api, 200, { 'content-type': 'application/json' }))
  for (const path of ['/.well-known/mcp/server-card.json', '/mcp/server-card'])
    app.get(path, (c) => c.json(card(c.req.url)))
}

/** `work`, of which there is never more than one under way. */
function shared<T>(work: () => Promise<T>): () => Promise<T> {
  let under: Promise<T> | undefined
  return () => {
    under ??= work().finally(() => (under = undefined))
    return under
  }
}

function mcpUrl(base: string): string {
  return `${withoutEnd(base, '/')}/mcp`
}

function asRefusal(error: unknown): Refusal {
  if (error instanceof Refusal) return error
  if (error instanceof HTTPException && error.status < 500) return new Refusal('invalid_argument', error.message)
  if (error instanceof PermanentError) return new Refusal('invalid_argument', error.message)
  return new Refusal(
    'internal',
    'Something went wrong inside the gateway; its log says what, under the trace of this request.',
  )
}
