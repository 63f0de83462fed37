import type { ReportFacts } from '../../reports/judge/report-facts.ts'
import type { ScanPatch } from '../../scans/change.ts'

/** What a read and judged report adds to its scan's record. */
export function judged(facts: ReportFacts) {
  return {
    native: { size_bytes: facts.file.size_bytes, sha256: facts.file.sha256 },
    results_summary: {
      hosts_scanned: facts.hosts_scanned,
      total_vulnerabilities: facts.total_vulnerabilities,
      severity_breakdown: facts.severity_breakdown,
      file_size_kb: Math.ceil(facts.file.size_bytes / 1024),
      duration_seconds: facts.duration_seconds,
    },
    authentication_status: facts.authentication_status,
    validation_warnings: facts.validation_warnings,
    troubleshooting: facts.troubleshooting ?? undefined,
  } satisfies ScanPatch
}
