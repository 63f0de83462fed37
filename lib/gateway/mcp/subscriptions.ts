/** Subscriptions of the older protocol: which resources the client of a session is told about when they change. */
import { type McpServer, ProtocolError, ProtocolErrorCode } from '@modelcontextprotocol/server'
import type { Invoke } from '../invoke.ts'
import { asProtocol } from './as-protocol.ts'
import { invocationOf, type Subscriptions, type Visit } from './call-context.ts'
import { SCAN_TEMPLATE, SCANS_URI } from './uris.ts'

const SHOWN_CHARS = 200

/** Serves subscribing and unsubscribing. A resource that is not there, or does not change, is refused. */
export function registerSubscriptions(
  server: McpServer,
  visit: Visit,
  subscriptions: Subscriptions,
  invoke: Invoke,
): void {
  server.server.setRequestHandler('resources/subscribe', async ({ params: { uri } }, ctx) => {
    const taskId = scanOf(uri)
    if (taskId !== undefined) {
      // Who waits for a scan that does not exist would wait forever.
      await asProtocol(uri, () => invoke('get_scan_status', { task_id: taskId }, invocationOf(ctx, visit)))
    }
    await subscriptions.add(uri)
    return {}
  })
  server.server.setRequestHandler('resources/unsubscribe', async ({ params: { uri } }) => {
    await subscriptions.remove(uri)
    return {}
  })
}

/** The scan that `uri` names; `undefined` for the list of scans. */
function scanOf(uri: string): string | undefined {
  if (uri === SCANS_URI) return undefined
  const taskId = uri.startsWith(`${SCANS_URI}/`) ? uri.slice(SCANS_URI.length + 1) : ''
  if (taskId !== '' && !taskId.includes('/')) return taskId
  throw new ProtocolError(
    ProtocolErrorCode.InvalidParams,
    `uri: expected ${SCANS_URI} or ${SCAN_TEMPLATE}, which is what changes, got ${JSON.stringify(uri.slice(0, SHOWN_CHARS))}`,
  )
}
