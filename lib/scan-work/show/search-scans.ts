/** Searches many reports, newest scan first, and joins what was found more than once. */
import type { SearchCriteria } from '../../reports/ask/search-report.ts'
import type { Scan } from '../../scans/record.ts'
import type { Services } from '../../runtime/services.ts'
import { resultsAvailable } from './status-view.ts'

export interface SearchArguments {
  readonly cve?: string | undefined
  readonly plugin_id?: number | undefined
  readonly host?: string | undefined
  readonly port?: number | undefined
  readonly text?: string | undefined
  readonly severity_min?: number | undefined
  readonly scans: number
  readonly limit: number
}

interface Sighting {
  readonly finding: Readonly<Record<string, unknown>>
  readonly last_seen: string
  readonly last_task_id: string
  first_seen: string
  first_task_id: string
  scans: number
}

export async function searchScans(
  args: SearchArguments,
  { scans, reports, log }: Pick<Services, 'scans' | 'reports' | 'log'>,
) {
  const { scans: ended, unreadable } = await scans.list({ matches: resultsAvailable, limit: args.scans })
  const criteria = criteriaOf(args)
  const sightings = new Map<string, Sighting>()
  // What cannot be read may well have a report: it is said with those that were not searched.
  const notSearched = unreadable.named.map(({ taskId }) => taskId)
  let searched = 0
  for (const scan of ended) {
    try {
      const { findings } = await reports.search(scan.task_id, criteria)
      for (const finding of findings) note(sightings, scan, { ...finding })
      searched += 1
    } catch (error) {
      // One damaged or vanished report must not hide what the others say.
      log.warn('a report could not be searched', { task: scan.task_id, error: String(error) })
      notSearched.push(scan.task_id)
    }
  }
  const found = [...sightings.values()]
  return {
    total: found.length,
    hosts: new Set(found.map(({ finding }) => finding['host'])).size,
    scans_searched: searched,
    scans_not_searched: notSearched,
    oldest_scan_searched: ended.at(-1)?.created_at ?? null,
    findings: found.slice(0, args.limit).map(({ finding, ...seen }) => ({ ...finding, ...seen })),
    truncated: found.length > args.limit,
    next: 'get_finding with last_task_id and id reads one of them whole.',
  }
}

/** Scans come newest first: the first sighting of a finding is its last. */
function note(sightings: Map<string, Sighting>, scan: Scan, finding: Record<string, unknown>): void {
  const at = scan.ended_at ?? scan.created_at
  const known = sightings.get(String(finding['id']))
  if (known) {
    known.first_seen = at
    known.first_task_id = scan.task_id
    known.scans += 1
    return
  }
  const seen = { last_seen: at, last_task_id: scan.task_id, first_seen: at, first_task_id: scan.task_id, scans: 1 }
  sightings.set(String(finding['id']), { finding, ...seen })
}

function criteriaOf(args: SearchArguments): SearchCriteria {
  const wanted = {
    cve: args.cve,
    pluginId: args.plugin_id,
    host: args.host,
    port: args.port,
    text: args.text,
    severityMin: args.severity_min,
    limit: args.limit,
  }
  return Object.fromEntries(Object.entries(wanted).filter(([, value]) => value !== undefined))
}
