/** Searches many reports, newest scan first, and joins what was found more than once. */
import type { FindingBrief } from '../../reports/ask/answers.ts'
import type { SearchCriteria } from '../../reports/ask/search-report.ts'
import { makeHostLedger } from '../../reports/hosts/host-ledger.ts'
import type { Scan } from '../../scans/record.ts'
import type { Services } from '../../runtime/services.ts'
import { simulatedFirst } from './simulated-scans.ts'
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
  /** Absent once there are as many as are shown. */
  readonly finding: FindingBrief | undefined
  readonly informational: boolean
  readonly seen: {
    readonly last_seen: string
    readonly last_task_id: string
    first_seen: string
    first_task_id: string
    scans: number
  }
}

export async function searchScans(
  args: SearchArguments,
  { scans, reports, log }: Pick<Services, 'scans' | 'reports' | 'log'>,
) {
  const {
    scans: ended,
    total: withResults,
    unreadable,
  } = await scans.list({
    matches: resultsAvailable,
    limit: args.scans,
    count: true,
  })
  const criteria = criteriaOf(args)
  const sightings = new Map<string, Sighting>()
  // What cannot be read may well have a report: it is said with those that were not searched.
  const notSearched = unreadable.named.map(({ taskId }) => taskId)
  const silent: string[] = []
  let searched = 0
  const ledger = makeHostLedger()
  const hosts = new Set<number>()
  const asked: Scan[] = []
  for (const scan of ended) {
    try {
      const { matchedHosts, each, cannotSay } = await reports.search(scan.task_id, criteria)
      silent.push(...cannotSay.map((why) => `${scan.name} (${scan.task_id}): ${why}`))
      // The same host by another name in another scan is one host, and its findings are the same findings.
      const identities = ledger.add(matchedHosts).map(({ identity }) => identity)
      for (const identity of identities) hosts.add(identity)
      each(({ host, key, informational, brief }) => {
        const finding = sightings.size < args.limit ? brief() : undefined
        note(sightings, scan, `${identities[host]}${key}`, { finding, informational })
      })
      searched += 1
      asked.push(scan)
    } catch (error) {
      // One damaged or vanished report must not hide what the others say.
      log.warn('a report could not be searched', { task_id: scan.task_id, error: String(error) })
      notSearched.push(scan.task_id)
    }
  }
  const shown = [...sightings.values()].slice(0, args.limit)
  const last = ended.at(-1)
  return {
    ...simulatedFirst(asked),
    ...(silent.length > 0 ? { cannot_say: few(silent) } : {}),
    // Counted before anything is cut.
    total: sightings.size,
    total_informational: [...sightings.values()].filter(({ informational }) => informational).length,
    hosts: hosts.size,
    scans_searched: searched,
    scans_with_results: withResults,
    scans_left_unsearched: withResults - searched,
    scans_not_searched: notSearched,
    oldest_scan_searched: last ? seenAt(last) : null,
    findings: shown.flatMap(({ finding, seen }) => (finding ? [{ ...finding, ...seen }] : [])),
    truncated: sightings.size > shown.length,
    next:
      withResults > searched
        ? `${withResults - searched} scans with results were not searched; raise scans (${args.scans}) to look at them.`
        : 'get_finding with last_task_id and id reads one of them whole.',
  }
}

const CANNOT_SAY_MAX = 10

/** The first ones, and how many more there are. */
function few(reasons: readonly string[]): string[] {
  const more = reasons.length - CANNOT_SAY_MAX
  return more > 0 ? [...reasons.slice(0, CANNOT_SAY_MAX), `and ${more} more scans`] : [...reasons]
}

/** When the scan was made: as its report says, else when it ended here. */
function seenAt(scan: Scan): string {
  const started = scan.results_summary?.['started_at']
  return typeof started === 'string' ? started : (scan.ended_at ?? scan.created_at)
}

/** Scans come newest first: the first sighting of a finding is its last. */
function note(
  sightings: Map<string, Sighting>,
  scan: Scan,
  key: string,
  found: Pick<Sighting, 'finding' | 'informational'>,
): void {
  const at = seenAt(scan)
  const known = sightings.get(key)?.seen
  if (known) {
    // A merged report may hold a finding twice.
    if (known.first_task_id === scan.task_id) return
    known.first_seen = at
    known.first_task_id = scan.task_id
    known.scans += 1
    return
  }
  const seen = { last_seen: at, last_task_id: scan.task_id, first_seen: at, first_task_id: scan.task_id, scans: 1 }
  sightings.set(key, { ...found, seen })
}

function criteriaOf(args: SearchArguments): SearchCriteria {
  const wanted = {
    cve: args.cve,
    pluginId: args.plugin_id,
    host: args.host,
    port: args.port,
    text: args.text,
    severityMin: args.severity_min,
  }
  return Object.fromEntries(Object.entries(wanted).filter(([, value]) => value !== undefined))
}
