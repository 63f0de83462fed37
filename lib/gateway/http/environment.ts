/** What the middleware leaves for the routes. */
import type { Identity } from '../auth/identity.ts'

export interface GatewayEnv {
  readonly Variables: {
    identity: Identity
    /** W3C trace context of this request: the caller's, or a new one. */
    traceparent: string
  }
}
