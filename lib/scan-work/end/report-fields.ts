import type { ReportFacts } from '../../reports/judge/report-facts.ts'
import { momentOf } from '../../reports/judge/report-dates.ts'
import type { ScanPatch } from '../../scans/change.ts'

/** What a read and judged report adds to its scan's record. */
export function judged(facts: ReportFacts) {
  return {
    native: { size_bytes: facts.file.size_bytes, sha256: facts.file.sha256 },
    results_summary: {
      hosts_scanned: facts.hosts_scanned,
      total_vulnerabilities: facts.total_vulnerabilities,
      total_informational: facts.severity_breakdown.info,
      severity_breakdown: facts.severity_breakdown,
      file_size_kb: Math.ceil(facts.file.size_bytes / 1024),
      duration_seconds: facts.duration_seconds,
      // As the report itself says: of an imported or adopted scan it is all there is.
      started_at: facts.started_at,
      ended_at: facts.ended_at,
      policy: facts.policy.name,
      port_range: facts.policy.port_range,
      scan_type: facts.policy.scan_type,
    },
    authentication_status: facts.authentication_status,
    validation_warnings: facts.validation_warnings,
    troubleshooting: facts.troubleshooting ?? undefined,
  } satisfies ScanPatch
}

/** Targets kept of a report from elsewhere: enough to find it by, not a second report. */
const TARGETS_MAX = 2000
const TARGETS_SHOWN = 100
const TRIED: ReadonlySet<string> = new Set(['success', 'partial', 'failed'])

/** What a report from elsewhere (imported, or of a scan that people made) tells of its scan, which nobody else knows. */
export function reportsOwn(facts: ReportFacts, now: Date) {
  const { targets, name } = facts.policy
  const all = [...new Set([...targets, ...facts.hosts_known])].slice(0, TARGETS_MAX)
  const moment = momentOf(facts.started_at)
  return {
    targets: {
      text: all.join(','),
      count: facts.hosts_scanned,
      hosts: (targets.length > 0 ? targets : facts.hosts_known).slice(0, TARGETS_SHOWN),
    },
    template: name ?? '',
    scan_type: TRIED.has(facts.authentication_status) ? ('authenticated' as const) : ('untrusted' as const),
    // A clock that runs ahead must not put a report before all that is still to come.
    ...(moment === undefined ? {} : { listed_at: new Date(Math.min(moment, now.getTime())).toISOString() }),
  } satisfies ScanPatch
}
