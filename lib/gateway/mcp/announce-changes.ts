/** Which resources change with a scan, and telling those who listen. */
import type { ServerEventBus } from '@modelcontextprotocol/server'
import { type Changes, EVERY_SCAN, type ScanNews } from '../changes.ts'
import { scanUri, SCANS_URI } from './uris.ts'

export type ScanNotice =
  | { readonly kind: 'resource_updated'; readonly uri: string }
  | { readonly kind: 'resources_list_changed' }

/** What a change of a scan means for those who follow resources. */
export function noticesOf({ task, status, revision }: Pick<ScanNews, 'task' | 'status' | 'revision'>): ScanNotice[] {
  return [
    { kind: 'resource_updated', uri: scanUri(task) },
    { kind: 'resource_updated', uri: SCANS_URI },
    ...(revision === 1 || status === 'deleted' ? [{ kind: 'resources_list_changed' } as const] : []),
  ]
}

/** Tells MCP's subscribers of the newer protocol; returns what ends it. Every gateway hears of every scan. */
export function announceChanges(changes: Changes, events: ServerEventBus): () => void {
  return changes.subscribe(EVERY_SCAN, (news) => {
    for (const notice of noticesOf(news)) events.publish(notice)
  })
}
