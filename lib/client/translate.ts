/** Turns what the SDK, fetch and the gateway throw into this library's errors. */
import {
  InsufficientScopeError,
  ProtocolError,
  SdkError,
  SdkErrorCode,
  SdkHttpError,
  UnauthorizedError,
} from '@modelcontextprotocol/client'
import { ConnectionError, ToolError } from './errors.ts'
import { readRefusal } from './refusal.ts'
import { ANSWER_BROKE_OFF } from './telling-transport.ts'

export interface Attempt {
  readonly url: string
  readonly tool: string
  readonly args: Readonly<Record<string, unknown>>
  readonly signal: AbortSignal | undefined
}

/** Codes of the SDK that speak of the connection and not of the call. */
const CONNECTION_CODES: ReadonlySet<string> = new Set([
  SdkErrorCode.NotConnected,
  SdkErrorCode.RequestTimeout,
  SdkErrorCode.ConnectionClosed,
  SdkErrorCode.SendFailed,
  SdkErrorCode.EraNegotiationFailed,
  SdkErrorCode.ClientHttpFailedToOpenStream,
])
/** A proxy or a gateway on its way up or down. */
const PASSING_STATUSES = new Set([502, 503, 504])
const INVALID_PARAMS = -32_602
const CAUSES_MAX = 10

/** The error to throw for `error`; an abort by the caller's own signal stays what it is. */
export function translate(error: unknown, attempt: Attempt): unknown {
  const { signal, tool, url } = attempt
  if (signal?.aborted) return signal.reason
  if (error instanceof ConnectionError || error instanceof ToolError) return error
  if (error instanceof SdkHttpError) return fromStatus(error, attempt)
  if (error instanceof UnauthorizedError) return fromAnswer(401, '', attempt)
  if (error instanceof InsufficientScopeError) {
    const scope = error.requiredScope ?? 'another scope'
    const message = `${tool} needs a token with the scope ${scope}. Ask an administrator for one.`
    return new ToolError(tool, { code: 'forbidden', message, details: { scope } }, { cause: error })
  }
  if (error instanceof ProtocolError && error.code === ANSWER_BROKE_OFF) return unreachable(url, error)
  if (error instanceof ProtocolError) {
    const code = error.code === INVALID_PARAMS ? 'invalid_argument' : 'internal'
    return new ToolError(tool, { code, message: error.message }, { cause: error })
  }
  if (error instanceof SdkError && !CONNECTION_CODES.has(error.code)) {
    return new ToolError(tool, { code: 'internal', message: error.message }, { cause: error })
  }
  // Fetch has a cause for each of its failures; a mistake of ours has none, and stays what it is.
  if (error instanceof TypeError && error.cause === undefined) return error
  return unreachable(url, error)
}

/** What to say, and do, when a gateway does not answer. */
export function unreachable(url: string, cause: unknown): ConnectionError {
  return new ConnectionError(
    url,
    `The gateway at ${url} cannot be reached: ${reason(cause)}. Check that it runs (\`nessus-mcp up\` starts one here) and that the address is right.`,
    { cause },
  )
}

/** The error of an HTTP answer that is no success. */
export function fromAnswer(status: number, body: string, attempt: Attempt): Error {
  const { url, tool, args } = attempt
  const refusal = readRefusal(body, tool, args)
  if (refusal && !(PASSING_STATUSES.has(status) && refusal.code !== 'unavailable')) return refusal
  if (PASSING_STATUSES.has(status)) return unreachable(url, new Error(`it answered HTTP ${status}`))
  if (status === 401) {
    return new ToolError(tool, {
      code: 'unauthenticated',
      message: `The gateway at ${url} wants a token, or another one (HTTP 401).`,
    })
  }
  if (status === 403) {
    return new ToolError(tool, {
      code: 'forbidden',
      message: `The gateway at ${url} does not allow ${tool} (HTTP 403).`,
    })
  }
  const message = `The server at ${url} answered ${tool} with HTTP ${status}. Is this the address of a nessus-mcp gateway?`
  return new ToolError(tool, { code: 'internal', message, details: { status } })
}

function fromStatus(error: SdkHttpError, attempt: Attempt): Error {
  const text = error.data['text']
  return fromAnswer(error.status, typeof text === 'string' ? text : '', attempt)
}

/** The innermost cause: fetch itself says no more than "fetch failed". */
function reason(error: unknown): string {
  let deepest = error
  for (let depth = 0; depth < CAUSES_MAX; depth++) {
    const next =
      deepest instanceof AggregateError ? deepest.errors[0] : deepest instanceof Error ? deepest.cause : undefined
    if (next === undefined || next === null) break
    deepest = next
  }
  return deepest instanceof Error && deepest.message !== '' ? deepest.message : String(deepest)
}
