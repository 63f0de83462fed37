/** Answers of the protocol's own kind to requests that no server sees. */

/** -32001 is what the SDKs use for a session that is not there. */
const CODES = {
  404: -32_001,
  400: -32_000,
  405: -32_000,
  406: -32_000,
  413: -32_000,
  415: -32_000,
  503: -32_000,
} as const

const RETRY_AFTER_SECONDS = '5'

export function rejection(
  status: keyof typeof CODES,
  message: string,
  headers: Readonly<Record<string, string>> = {},
): Response {
  const body = { jsonrpc: '2.0', error: { code: CODES[status], message }, id: null }
  const more = status === 503 ? { 'retry-after': RETRY_AFTER_SECONDS } : {}
  return Response.json(body, { status, headers: { ...headers, ...more } })
}

export const noSession = (): Response =>
  rejection(
    404,
    'Session not found: it has ended, or is not yours. Send initialize without Mcp-Session-Id for a new one.',
  )
