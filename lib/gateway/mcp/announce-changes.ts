import type { ServerEventBus } from '@modelcontextprotocol/server'
import { type Changes, EVERY_SCAN } from '../changes.ts'
import { scanUri, SCANS_URI } from './uris.ts'

/** Tells MCP's subscribers which resources change with each scan; returns what ends it. Every gateway hears of every scan. */
export function announceChanges(changes: Changes, events: ServerEventBus): () => void {
  return changes.subscribe(EVERY_SCAN, ({ task, status, revision }) => {
    events.publish({ kind: 'resource_updated', uri: scanUri(task) })
    events.publish({ kind: 'resource_updated', uri: SCANS_URI })
    if (revision === 1 || status === 'deleted') events.publish({ kind: 'resources_list_changed' })
  })
}
