/** Turns what was built into the facts: counts, coverage, verdict, and warnings in sentences. */
import { sameHosts } from '../hosts/same-host.ts'
import type { PolicyFacts } from '../parse/report-visitor.ts'
import type { Built } from '../store/store-builder.ts'
import type { HostRecord } from '../store/format.ts'
import type { ReadHost } from '../store/host-reader.ts'
import { type AuthenticationVerdict, judgeAuthentication } from './authentication.ts'
import { coverageOf, type Seen } from './coverage.ts'
import { tallyCredentials } from './credential-verdicts.ts'
import type { HostEvidence } from './evidence.ts'
import type { Judged } from './host-verdict.ts'
import { signsIn } from './login-plugins.ts'
import { type Reach, reachOf } from './reach.ts'
import { scannerWarnings } from './scanner-warnings.ts'
import type { Coverage, Expectation, ReportFacts } from './report-facts.ts'
import { withSimulatedFirst } from './simulated.ts'
import { troubleshoot } from './troubleshooting.ts'

const LOOK_CHARS_MAX = 1000
/** Hosts named in a sentence. */
const NAMED_MAX = 10
const KNOWN_MAX = 2000
const CREDENTIALS_MAX = 100

/** How a run was cut short, as its scan's status says it. */
const CUT_SHORT: Readonly<Record<Exclude<Coverage['scan_status'], 'completed'>, string>> = {
  aborted: 'The scan was aborted',
  canceled: 'The scan was canceled',
  timeout: 'The scan ran into its time limit and was stopped',
  failed: 'A step of the scan failed, and it was stopped',
}

export interface Judgement {
  readonly facts: ReportFacts
  /** The hosts, each with what a comparison needs to know of how it was looked at. */
  readonly hosts: readonly HostRecord[]
}

export function judgeReport(
  built: Built,
  file: ReportFacts['file'],
  expectation: Expectation,
  /** What had to be mended to read the file, in sentences. */
  repairs: readonly string[] = [],
): Judgement {
  const { hosts, evidence, policy } = built
  const same = sameHosts(hosts)
  const looks = evidence.map((host) => lookOf(host, policy))
  const reaches = hosts.map((host, index) => reachIn(host, evidence[index]))
  const severity = (level: 0 | 1 | 2 | 3 | 4): number =>
    hosts.reduce((total, host) => total + host.severities[level], 0)
  const breakdown = {
    critical: severity(4),
    high: severity(3),
    medium: severity(2),
    low: severity(1),
    info: severity(0),
  }
  const coverage = coverageOf(oneEach(hosts, reaches, same), expectation)
  const verdict = judgeAuthentication(evidence, reaches, same, expectation)
  const reachable = coverage.hosts_seen > coverage.hosts_unreachable
  const lacking = verdict.status === 'failed' || verdict.status === 'partial'
  const lackingHosts = new Set(
    verdict.hosts.flatMap((host) => (host.status === 'failed' || host.status === 'partial' ? host.host : [])),
  )
  const tallies = tallyCredentials(evidence, same)
  const facts: ReportFacts = {
    file,
    report_name: built.reportName,
    hosts_scanned: coverage.hosts_seen,
    total_findings: built.columns.host.length,
    total_vulnerabilities: breakdown.critical + breakdown.high + breakdown.medium + breakdown.low,
    severity_breakdown: breakdown,
    compliance: {
      total: hosts.reduce((total, host) => total + host.compliance, 0),
      results: Object.fromEntries([...built.complianceResults].sort(([a], [b]) => (a < b ? -1 : 1))),
    },
    ...span(hosts),
    policy: policyOf(policy, looks),
    hosts_known: knownBy(hosts, same),
    authentication_status: verdict.status,
    authentication_hosts: verdict.hosts,
    authentication_counts: verdict.counts,
    authentication_credentials: { total: tallies.length, list: tallies.slice(0, CREDENTIALS_MAX) },
    coverage,
    validation_warnings: withSimulatedFirst(expectation.simulated === true, [
      ...repairs,
      ...scannerWarnings(expectation, coverage.hosts_seen),
      ...warnings(coverage, verdict, expectation, hosts.length - coverage.hosts_seen),
    ]),
    troubleshooting: lacking
      ? troubleshoot(
          evidence.filter((host) => lackingHosts.has(host.host)),
          reachable,
        )
      : null,
  }
  const records = hosts.map((host, index): HostRecord => ({
    ...host,
    same: same[index] ?? index,
    reach: reaches[index] ?? 'unknown',
    ...loginOf(verdict.judged[index]),
    ...looks[index],
  }))
  return { facts, hosts: records }
}

type Look = Pick<HostRecord, 'portRange' | 'policy' | 'scanType' | 'scannerVersion'>

function knownBy(hosts: readonly ReadHost[], same: readonly number[]): string[] {
  const once = hosts.filter((_, at) => same[at] === at).slice(0, KNOWN_MAX)
  return once.map((host) => host.marks.address?.[0] ?? host.name)
}

const BEST_FIRST: readonly Reach[] = ['finished', 'unfinished', 'unknown', 'unreachable']

/** Each host once, with the best look at it: a tool that merges reports may write one more than once. */
function oneEach(hosts: readonly ReadHost[], reaches: readonly Reach[], same: readonly number[]): Seen[] {
  const seen = new Map<number, { host: ReadHost; reach: Reach; findings: number }>()
  for (const [at, host] of hosts.entries()) {
    const reach = reaches[at] ?? 'unknown'
    const findings = host.compliance + host.severities.reduce((sum, count) => sum + count, 0)
    const known = seen.get(same[at] ?? at)
    if (!known) seen.set(at, { host, reach, findings })
    else {
      known.findings += findings
      if (BEST_FIRST.indexOf(reach) < BEST_FIRST.indexOf(known.reach)) known.reach = reach
    }
  }
  return [...seen.values()]
}

function reachIn(host: ReadHost, evidence: HostEvidence | undefined): Reach {
  const said = evidence?.evidence ?? []
  return reachOf({
    dead: said.some((item) => signsIn(item.pluginId, item.said).includes('dead')),
    start: host.start,
    end: host.end,
    summedUp: said.some((item) => item.pluginId === 19506 && item.said !== ''),
  })
}

function loginOf(judged: Judged | undefined): Pick<HostRecord, 'login' | 'access' | 'loginReason'> {
  return {
    login: judged?.verdict.status ?? 'unknown',
    access: judged?.access ?? 'unknown',
    loginReason: judged?.verdict.reason ?? '',
  }
}

function policyOf(policy: PolicyFacts, looks: readonly Look[]): ReportFacts['policy'] {
  const first = (key: keyof Look): string | null => looks.find((look) => look[key] !== undefined)?.[key] ?? null
  return {
    name: policy.name ?? first('policy'),
    port_range: policy.portRange ?? first('portRange'),
    scan_type: first('scanType'),
    targets: [...policy.targets],
    families: { ...policy.families },
  }
}

/** How the host was looked at: its own plugin 19506 says it, else the policy of the report. */
function lookOf(host: HostEvidence, policy: PolicyFacts): Look {
  const info = host.evidence.find((item) => item.pluginId === 19506)?.said ?? ''
  const line = (name: string): string | undefined =>
    new RegExp(`^[ \\t]*${name}[ \\t]*:[ \\t]*(\\S.*)$`, 'im').exec(info)?.[1]?.trim().slice(0, LOOK_CHARS_MAX)
  const look = {
    portRange: line('Port range') ?? policy.portRange,
    policy: line('Scan policy used') ?? policy.name,
    scanType: line('Scan type'),
    scannerVersion: line('Nessus version')?.split(/\s/, 1)[0],
  }
  return Object.fromEntries(Object.entries(look).filter(([, value]) => value !== undefined))
}

function span(hosts: readonly ReadHost[]): Pick<ReportFacts, 'started_at' | 'ended_at' | 'duration_seconds'> {
  const starts = hosts.flatMap((host) => host.start ?? []).sort()
  const ends = hosts.flatMap((host) => host.end ?? []).sort()
  const started = starts[0] ?? null
  const ended = ends.at(-1) ?? null
  const seconds = started && ended ? (Date.parse(ended) - Date.parse(started)) / 1000 : Number.NaN
  return { started_at: started, ended_at: ended, duration_seconds: seconds >= 0 ? Math.round(seconds) : null }
}

/** The first few names, and how many more there are. */
function few(names: readonly string[], total: number): string {
  const shown = names.slice(0, NAMED_MAX)
  const more = total - shown.length
  return `${shown.join(', ')}${more > 0 ? ` and ${more} more` : ''}`
}

function warnings(
  coverage: Coverage,
  verdict: AuthenticationVerdict,
  expectation: Expectation,
  repeated: number,
): string[] {
  const list: string[] = []
  if (repeated > 0) {
    list.push(
      `${repeated} of the report's hosts are written more than once, as merged reports do: each is one host here, and its findings are counted as often as they are written.`,
    )
  }
  const { hosts_seen: seen, hosts_unreachable: unreachable, targets_not_seen_count: missing } = coverage
  if (seen === 0) {
    list.push('The report has no host at all: nothing was scanned. This is not a clean result.')
  } else if (unreachable === seen) {
    list.push('Every host was unreachable: nothing was scanned. This is not a clean result.')
  } else if (unreachable > 0) {
    list.push(
      `${unreachable} of ${seen} hosts were unreachable and were not scanned: ${few(coverage.unreachable, unreachable)}.`,
    )
  }
  if (coverage.hosts_unfinished > 0) {
    list.push(
      `The scan of ${coverage.hosts_unfinished} of ${seen} hosts did not finish (no HOST_END): ${few(coverage.unfinished, coverage.hosts_unfinished)}. What is missing there was not looked at.`,
    )
  }
  if (seen > 0 && coverage.hosts_without_findings === seen) {
    list.push('No finding at all was reported, not even an informational one: the scanner probably could not look.')
  }
  if (missing > 0 && seen > 0) {
    const more = missing - coverage.targets_not_seen.length
    const rest = more > 0 ? ` and ${more} more` : ''
    list.push(`The report has no host for these targets: ${coverage.targets_not_seen.join(', ')}${rest}.`)
  }
  if (coverage.scan_status !== 'completed') {
    list.push(`${CUT_SHORT[coverage.scan_status]}: these results are partial, and what is missing was not looked at.`)
  }
  if (expectation.credentialsAsked === 'none' || expectation.credentialsAsked === undefined) {
    if (verdict.status === 'failed')
      list.push('Credentials were supplied and no login worked: only what shows from outside was checked.')
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
