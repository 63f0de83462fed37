/** What stands before a route: a scanner that is loading, a caller without a login, a licence without the scan API. */
import { RESPONSE_ALREADY_SENT } from '@hono/node-server/utils/response'
import type { MiddlewareHandler } from 'hono'
import { Refused } from '../state/refusal.ts'
import type { LoginKind } from '../state/sessions.ts'
import type { World } from '../state/world.ts'
import type { CallContext, Env } from './env.ts'

const NO_API = JSON.stringify({ error: 'API is not available' })
const ADMINISTRATOR = 64
const OPEN_WHILE_LOADING = new Set(['/server/status', '/nessus6.js'])

export type GateHandler = MiddlewareHandler<Env>

export interface Gates {
  readonly loading: GateHandler
  /** 401 without a valid login. */
  readonly user: GateHandler
  readonly administrator: GateHandler
  /** 401, then 412 unless the licence has the scan API or the caller speaks as the web interface does. */
  readonly write: GateHandler
}

export function makeGates(world: World): Gates {
  const { sessions, timeline, machine, settings, licence } = world

  function identify(call: CallContext): LoginKind {
    const who = sessions.identify({ cookie: call.req.header('x-cookie'), keys: call.req.header('x-apikeys') })
    if (who === 'absent') throw new Refused(401, 'You need to log in to perform this request')
    if (who === 'wrong') throw new Refused(401, 'Invalid Credentials')
    return who
  }

  function mayWrite(call: CallContext, who: LoginKind): boolean {
    if (licence.scanApi) return true
    const isCurrent = call.req.header('x-api-token') === machine.apiToken
    return isCurrent && (who === 'session' || settings.quirks.tokenWithKeys)
  }

  return {
    async loading(call, next) {
      if (timeline.now() < machine.loadingUntilMs && !OPEN_WHILE_LOADING.has(call.req.path)) {
        throw new Refused(503, 'The scanner is loading')
      }
      await next()
    },
    async user(call, next) {
      identify(call)
      await next()
    },
    async administrator(call, next) {
      identify(call)
      if (settings.permissions < ADMINISTRATOR) {
        throw new Refused(403, 'You are not authorized to perform this request')
      }
      await next()
    },
    async write(call, next) {
      if (mayWrite(call, identify(call))) return next()
      return settings.quirks.resetOn412 ? dropAfterHeaders(call) : refuse(call)
    },
  }
}

function refuse(call: CallContext): Response {
  return call.body(NO_API, 412, {
    'content-type': 'application/json',
    'content-length': String(NO_API.length),
    connection: 'close',
  })
}

/** As Nessus 10 does: promises 32 bytes, closes the connection before the first. */
async function dropAfterHeaders(call: CallContext): Promise<Response> {
  // A body left unread would make the kernel answer with a reset that overtakes the headers.
  await call.req.arrayBuffer()
  const { outgoing } = call.env
  outgoing.writeHead(412, {
    server: 'NessusWWW',
    'content-type': 'application/json',
    'content-length': NO_API.length,
    connection: 'close',
  })
  outgoing.flushHeaders()
  outgoing.socket?.destroySoon()
  return RESPONSE_ALREADY_SENT
}
