/**
 * The checks before any route: a page in somebody's browser must not reach the
 * gateway under another name (DNS rebinding) or from another origin.
 */
import { hostHeaderValidationResponse, originValidationResponse } from '@modelcontextprotocol/server'
import type { MiddlewareHandler } from 'hono'
import { Refusal } from '../../base/errors.ts'
import { problemResponse } from './problem.ts'

const LOOPBACK = ['localhost', '127.0.0.1', '[::1]']

export interface GuardOptions {
  /** Names beside loopback by which clients reach the gateway; `*` admits any. */
  readonly allowedHosts: readonly string[]
}

/** Answers 403 when the `Host` or the `Origin` header names a place we do not know. Ports are not compared. */
export function guardHosts({ allowedHosts }: GuardOptions): MiddlewareHandler {
  const names = [...LOOPBACK, ...allowedHosts]
  const open = names.includes('*')
  return async (c, next) => {
    if (open) return next()
    if (hostHeaderValidationResponse(c.req.raw, names)) return refused('Host', c.req.header('host'))
    if (originValidationResponse(c.req.raw, names)) return refused('Origin', c.req.header('origin'))
    return next()
  }
}

function refused(header: string, value: string | undefined): Response {
  const shown = value === undefined ? 'none' : JSON.stringify(value.slice(0, 100))
  const message = `${header}: expected one of the names of this gateway, got ${shown}. Add it to ALLOWED_HOSTS if it is right.`
  return problemResponse(new Refusal('forbidden', message))
}
