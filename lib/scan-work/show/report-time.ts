import type { Scan } from '../../scans/record.ts'

/** When a scan from elsewhere (imported, or made by people) began or ended, as its report says: its record knows only when it came here. */
export function reportTime(scan: Scan, which: 'started_at' | 'ended_at'): string | undefined {
  if (scan.origin === 'created') return undefined
  const said = scan.results_summary?.[which]
  return typeof said === 'string' ? said : undefined
}
