/** Turns what was built into the facts: counts, coverage, verdict, and warnings in sentences. */
import type { Built } from '../store/store-builder.ts'
import type { HostRecord } from '../store/format.ts'
import { type AuthenticationVerdict, judgeAuthentication } from './authentication.ts'
import { coverageOf, isDead } from './coverage.ts'
import type { HostEvidence } from './evidence.ts'
import type { Coverage, Expectation, ReportFacts } from './report-facts.ts'
import { troubleshoot } from './troubleshooting.ts'

export interface Judgement {
  readonly facts: ReportFacts
  /** The hosts, each with what a comparison needs to know of how it was looked at. */
  readonly hosts: readonly HostRecord[]
}

export function judgeReport(built: Built, file: ReportFacts['file'], expectation: Expectation): Judgement {
  const { hosts, evidence } = built
  const severity = (level: 0 | 1 | 2 | 3 | 4): number =>
    hosts.reduce((total, host) => total + host.severities[level], 0)
  const breakdown = {
    critical: severity(4),
    high: severity(3),
    medium: severity(2),
    low: severity(1),
    info: severity(0),
  }
  const coverage = coverageOf(hosts, evidence, expectation)
  const verdict = judgeAuthentication(evidence, expectation, isDead)
  const reachable = hosts.length > coverage.hosts_unreachable
  const lacking = verdict.status === 'failed' || verdict.status === 'partial'
  const lackingHosts = new Set(
    verdict.hosts.flatMap((host) => (host.status === 'failed' || host.status === 'partial' ? host.host : [])),
  )
  const facts: ReportFacts = {
    file,
    report_name: built.reportName,
    hosts_scanned: hosts.length,
    total_findings: built.columns.host.length,
    total_vulnerabilities: breakdown.critical + breakdown.high + breakdown.medium + breakdown.low,
    severity_breakdown: breakdown,
    compliance: {
      total: hosts.reduce((total, host) => total + host.compliance, 0),
      results: Object.fromEntries([...built.complianceResults].sort(([a], [b]) => (a < b ? -1 : 1))),
    },
    ...span(hosts),
    authentication_status: verdict.status,
    authentication_hosts: verdict.hosts,
    authentication_counts: verdict.counts,
    coverage,
    validation_warnings: warnings(coverage, verdict, expectation),
    troubleshooting: lacking
      ? troubleshoot(
          evidence.filter((host) => lackingHosts.has(host.host)),
          reachable,
        )
      : null,
  }
  const context = hosts.map((host, index) => ({ ...host, ...contextOf(evidence[index], verdict.statuses[index]) }))
  return { facts, hosts: context }
}

function contextOf(host: HostEvidence | undefined, login: string | undefined): Partial<HostRecord> {
  const info = host?.evidence.find((item) => item.pluginId === 19506)?.said ?? ''
  const portRange = /^Port range\s*:\s*(\S.*)$/im.exec(info)?.[1]?.trim().slice(0, 1000)
  const policy = /^Scan policy used\s*:\s*(\S.*)$/im.exec(info)?.[1]?.trim().slice(0, 200)
  return {
    ...(login === undefined ? {} : { login }),
    ...(host && isDead(host) ? { dead: true } : {}),
    ...(portRange === undefined ? {} : { portRange }),
    ...(policy === undefined ? {} : { policy }),
  }
}

function span(hosts: readonly HostRecord[]): Pick<ReportFacts, 'started_at' | 'ended_at' | 'duration_seconds'> {
  const starts = hosts.flatMap((host) => host.start ?? []).sort()
  const ends = hosts.flatMap((host) => host.end ?? []).sort()
  const started = starts[0] ?? null
  const ended = ends.at(-1) ?? null
  const seconds = started && ended ? (Date.parse(ended) - Date.parse(started)) / 1000 : Number.NaN
  return { started_at: started, ended_at: ended, duration_seconds: seconds >= 0 ? Math.round(seconds) : null }
}

function warnings(coverage: Coverage, verdict: AuthenticationVerdict, expectation: Expectation): string[] {
  const list: string[] = []
  const { hosts_seen: seen, hosts_unreachable: unreachable, targets_not_seen_count: missing } = coverage
  if (seen === 0) {
    list.push('The report has no host at all: nothing was scanned. This is not a clean result.')
  } else if (unreachable === seen) {
    list.push('Every host was unreachable: nothing was scanned. This is not a clean result.')
  } else if (unreachable > 0) list.push(`${unreachable} of ${seen} hosts were unreachable and were not scanned.`)
  if (seen > 0 && coverage.hosts_without_findings === seen) {
    list.push('No finding at all was reported, not even an informational one: the scanner probably could not look.')
  }
  if (missing > 0 && seen > 0) {
    const more = missing - coverage.targets_not_seen.length
    const rest = more > 0 ? ` and ${more} more` : ''
    list.push(`The report has no host for these targets: ${coverage.targets_not_seen.join(', ')}${rest}.`)
  }
  if (coverage.scan_status !== 'completed') {
    list.push(`The scan was ${coverage.scan_status}: these results are partial, and what is missing was not looked at.`)
  }
  if (expectation.credentialsAsked === 'none' || expectation.credentialsAsked === undefined) {
    if (verdict.status === 'failed')
      list.push('Credentials were supplied and refused: only what shows from outside was checked.')
    return list
  }
  if (verdict.status === 'failed') {
    list.push('Credentials were asked for and no login worked: only what shows from outside was checked.')
  } else if (verdict.status === 'partial') {
    list.push('The login did not fully work on every host: some local checks did not run.')
  } else if (verdict.status === 'unknown') {
    list.push('Credentials were asked for, but the report does not say whether the login worked.')
  }
  return list
}
