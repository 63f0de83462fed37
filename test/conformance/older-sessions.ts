/**
 * Sessions for the older protocol. The product needs none: it never asks its
 * clients back. The conformance suite has tools that do, and those do.
 */
import { randomUUID } from 'node:crypto'
import { type McpServer, WebStandardStreamableHTTPServerTransport } from '@modelcontextprotocol/server'

export function makeOlderSessions(makeServer: () => McpServer): (request: Request) => Promise<Response> {
  const sessions = new Map<string, WebStandardStreamableHTTPServerTransport>()
  return async (request) => {
    const id = request.headers.get('mcp-session-id')
    const known = id === null ? undefined : sessions.get(id)
    if (known) return known.handleRequest(request)
    if (id !== null) return new Response('no such session', { status: 404 })
    const transport = new WebStandardStreamableHTTPServerTransport({
      sessionIdGenerator: randomUUID,
      onsessioninitialized: (session) => {
        sessions.set(session, transport)
      },
      onsessionclosed: (session) => {
        sessions.delete(session)
      },
    })
    await makeServer().connect(transport)
    return transport.handleRequest(request)
  }
}
