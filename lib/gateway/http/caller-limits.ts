/**
 * What one caller's requests may take of a gateway: so many places of each kind
 * for each caller, then in all, until the answer is out or the connection gone.
 * Taken before a body is read, so that a refusal costs next to nothing. Callers
 * without a name (a gateway without tokens) cannot be told apart: for them only
 * the limits in all hold.
 */
import type { Context, MiddlewareHandler } from 'hono'
import { makeCallerQuota, type CallerQuota } from '../caller-quota.ts'
import type { GatewayEnv } from './environment.ts'
import { makeLargeTurns } from './large-requests.ts'

const MIB = 1_048_576
/** What a body may have that does not say its length. */
const UNTOLD_BYTES = 4 * MIB

type Request = Context<GatewayEnv>

interface Kind {
  readonly what: string
  readonly perCaller: number
  readonly inAll: number
  /** How many places the request takes. */
  readonly amount: (c: Request) => number
}

const path = (c: Request) => c.req.path
const isUpload = (c: Request) => c.req.method === 'POST' && path(c) === '/scans/import'
const isStream = (c: Request) => {
  const isMcp = path(c) === '/mcp' || path(c) === '/mcp/'
  return isMcp && (c.req.method === 'GET' || c.req.header('mcp-method') === 'subscriptions/listen')
}
const isReading = (c: Request) => path(c).startsWith('/scans/') && c.req.method === 'GET'

/** The table that docs/runbook.md shows. */
export const CALLER_LIMITS: readonly Kind[] = [
  { what: 'requests', perCaller: 1000, inAll: 8000, amount: () => 1 },
  { what: 'bytes of requests', perCaller: 16 * MIB, inAll: 128 * MIB, amount: (c) => (isUpload(c) ? 0 : bytesOf(c)) },
  { what: 'uploads', perCaller: 4, inAll: 16, amount: (c) => Number(isUpload(c)) },
  { what: 'streams', perCaller: 128, inAll: 4096, amount: (c) => Number(isStream(c)) },
  { what: 'readers of whole reports', perCaller: 64, inAll: 256, amount: (c) => Number(isReading(c)) },
]

export function limitCallers(): MiddlewareHandler<GatewayEnv> {
  const large = makeLargeTurns()
  const limits = CALLER_LIMITS.map((kind) => ({ ...kind, places: makeCallerQuota(kind) }))
  return async (c, next) => {
    const caller = c.get('identity').name
    const taken: (() => void)[] = []
    const give = () => taken.forEach((each) => each())
    let answered = () => {}
    const isAnswered = new Promise<void>((resolve) => (answered = resolve))
    c.set('answered', isAnswered)
    const end = () => {
      give()
      answered()
    }
    try {
      for (const limit of limits) taken.push(take(limit, caller, limit.amount(c)))
      if (!isUpload(c)) await large(caller, bytesOf(c), isAnswered)
      await next()
    } catch (error) {
      end()
      throw error
    }
    // A connection that is gone has closed already, and says so no more.
    if (!c.env?.outgoing || c.env.outgoing.destroyed) end()
    else c.env.outgoing.once('close', end)
  }
}

function take({ places }: { readonly places: CallerQuota }, caller: string | undefined, amount: number): () => void {
  return amount === 0 ? () => {} : places.take(caller, amount)
}

function bytesOf(c: Request): number {
  if (c.req.method === 'GET' || c.req.method === 'HEAD') return 0
  const told = c.req.header('content-length')
  // Node has checked that it is a number; what a body without one holds is bounded elsewhere.
  return told === undefined ? (c.req.header('transfer-encoding') === undefined ? 0 : UNTOLD_BYTES) : Number(told)
}
