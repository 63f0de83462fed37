/** What Hono's handlers see of the server: Node's own request and response. */
import type { HttpBindings } from '@hono/node-server'
import type { Context, Hono } from 'hono'

export interface Env {
  Bindings: HttpBindings
}
export type App = Hono<Env>
export type CallContext = Context<Env>
