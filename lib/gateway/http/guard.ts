/**
 * The checks before any route: a page in somebody's browser must not reach the
 * gateway under another name (DNS rebinding) or from another origin.
 */
import { hostHeaderValidationResponse, originValidationResponse } from '@modelcontextprotocol/server'
import type { MiddlewareHandler } from 'hono'
import { Refusal } from '../../base/errors.ts'
import { problemResponse } from './problem.ts'

export const LOOPBACK = ['localhost', '127.0.0.1', '[::1]']

export interface GuardOptions {
  /** Names beside loopback by which clients reach the gateway; `*` admits any. */
  readonly allowedHosts: readonly string[]
  /** Origins beside those names whose pages may call. */
  readonly allowedOrigins: readonly string[]
}

/** Answers 421 when the `Host` header, and 403 when the `Origin` header names a place we do not know. Ports are not compared. */
export function guardHosts({ allowedHosts, allowedOrigins }: GuardOptions): MiddlewareHandler {
  const names = [...LOOPBACK, ...allowedHosts]
  const open = names.includes('*')
  return async (c, next) => {
    if (open) return next()
    if (hostHeaderValidationResponse(c.req.raw, names)) {
      const message = `Host: expected one of the names of this gateway, got ${shown(c.req.header('host'))}. Add it to ALLOWED_HOSTS if it is right.`
      return problemResponse(new Refusal('misdirected', message))
    }
    const origin = c.req.header('origin')
    if (origin !== undefined && allowedOrigins.includes(origin.toLowerCase())) return next()
    if (originValidationResponse(c.req.raw, names)) {
      const message = `Origin: expected a page of this gateway, or one of an origin in ALLOWED_ORIGINS, got ${shown(origin)}. Add it there if it is right.`
      return problemResponse(new Refusal('forbidden', message))
    }
    return next()
  }
}

const shown = (value: string | undefined) => (value === undefined ? 'none' : JSON.stringify(value.slice(0, 100)))
