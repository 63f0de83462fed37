/** Errors as HTTP answers: `{"error": {"code", "message", …}}` with the status that goes with the code. */
import { REFUSALS, type Refusal } from '../../base/errors.ts'

const RETRY_AFTER_SECONDS = 5

export function problemBody({ code, message, details }: Refusal): { error: Record<string, unknown> } {
  return { error: { ...details, code, message } }
}

export function problemResponse(refusal: Refusal): Response {
  const headers = new Headers({ 'content-type': 'application/json' })
  const challenge = challengeOf(refusal)
  if (challenge !== undefined) headers.set('www-authenticate', challenge)
  if (refusal.code === 'busy' || refusal.code === 'unavailable') {
    const told = refusal.details['retry_after_seconds']
    headers.set('retry-after', String(typeof told === 'number' ? told : RETRY_AFTER_SECONDS))
  }
  return new Response(JSON.stringify(problemBody(refusal)), { status: REFUSALS[refusal.code], headers })
}

/** What the caller must present instead, by RFC 6750. */
function challengeOf({ code, details }: Refusal): string | undefined {
  if (code === 'unauthenticated') {
    return details['error'] === 'invalid_token'
      ? 'Bearer realm="nessus-mcp", error="invalid_token"'
      : 'Bearer realm="nessus-mcp"'
  }
  if (code === 'forbidden' && typeof details['scope'] === 'string') {
    return `Bearer realm="nessus-mcp", error="insufficient_scope", scope="${details['scope']}"`
  }
  return undefined
}
