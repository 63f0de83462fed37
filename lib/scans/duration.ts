import type { Scan } from './record.ts'

/** From admission to end; `undefined` while it has not ended. Milliseconds. */
export function scanDurationMs(scan: Scan): number | undefined {
  if (scan.started_at === undefined || scan.ended_at === undefined) return undefined
  return Date.parse(scan.ended_at) - Date.parse(scan.started_at)
}
