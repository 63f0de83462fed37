/** Reads what a request of a session says of itself, before any server sees it. */
import { type JSONRPCMessage, parseJSONRPCMessage, SUPPORTED_PROTOCOL_VERSIONS } from '@modelcontextprotocol/server'
import type { Visit } from '../mcp/call-context.ts'
import { rejection } from './json-rpc.ts'
import { BEGINNING } from './scan-log.ts'

/** From this revision on, clients understand an event without data. */
const PRIMED_SINCE = '2025-11-25'
const PLACE = /^\d{1,15}-\d{1,15}$/

/** To whom the session belongs: the name of the token; where there are no tokens, everybody is one. */
export const callerOf = ({ identity }: Pick<Visit, 'identity'>): string => identity.name ?? ''

/** Empty when one of them is none: then the server says so. */
export function readMessages(body: unknown): readonly JSONRPCMessage[] {
  try {
    return (Array.isArray(body) ? body : [body]).map(parseJSONRPCMessage)
  } catch {
    return []
  }
}

/** A place that cannot be one is taken for the very first. */
export function placeOf(lastEventId: string | null): string | undefined {
  if (lastEventId === null || lastEventId === '') return undefined
  return PLACE.test(lastEventId) ? lastEventId : BEGINNING
}

/** Whether the client takes an event without data as a place to come back to. */
export function isPrimed(request: Request): boolean {
  return (request.headers.get('mcp-protocol-version') ?? '') >= PRIMED_SINCE
}

export function acceptsStream(request: Request): boolean {
  return /text\/event-stream|\*\/\*/.test(request.headers.get('accept') ?? '*/*')
}

/** Refuses a request that speaks of a revision that has no sessions, or that nobody knows. */
export function wrongVersion(request: Request): Response | undefined {
  const version = request.headers.get('mcp-protocol-version')
  if (version === null || SUPPORTED_PROTOCOL_VERSIONS.includes(version)) return undefined
  const shown = JSON.stringify(version.slice(0, 40))
  return rejection(400, `MCP-Protocol-Version: expected one of ${SUPPORTED_PROTOCOL_VERSIONS.join(', ')}, got ${shown}`)
}
