/** The tools that only read, by their own `readOnlyHint`: a call of one may be sent again. A test holds this list against the tools. */
import type { ToolName } from './tool-types.ts'

export const READING_TOOLS = [
  'get_scan_status',
  'summarize_scan',
  'get_scan_results',
  'get_finding',
  'compare_scans',
  'query_findings',
  'search_findings',
  'get_scan_settings',
  'download_native_scan',
  'list_tasks',
  'list_scans',
  'list_scanners',
  'list_pools',
  'get_pool_status',
  'get_queue_status',
  'list_templates',
  'list_scanner_scans',
  'list_scanner_runs',
] as const satisfies readonly ToolName[]

/** What may be asked again although it changes something: once stopped, a scan stays so. */
const ASKED_AGAIN: ReadonlySet<string> = new Set([...READING_TOOLS, 'stop_scan'] satisfies ToolName[])

/**
 * Whether a call may be sent twice: it reads, it asks for what may be asked again, or it carries a key by which the
 * gateway knows it for the same call.
 */
export function mayRepeat(tool: string, args: Readonly<Record<string, unknown>>): boolean {
  return ASKED_AGAIN.has(tool) || args['idempotency_key'] !== undefined
}
