/** What the server and the middleware leave for the routes. */
import type { ServerResponse } from 'node:http'
import type { Identity } from '../auth/identity.ts'

/** The connection of the answer; absent where a request came by no socket, as in tests. */
export interface GatewayBindings {
  readonly outgoing?: Pick<ServerResponse, 'destroy' | 'once' | 'destroyed'> | undefined
}

export interface GatewayEnv {
  readonly Bindings: GatewayBindings
  readonly Variables: {
    identity: Identity
    /** W3C trace context of this request: the caller's, or a new one. */
    traceparent: string
    /** Resolves when the answer is out, or its connection gone. */
    answered: Promise<void>
  }
}
