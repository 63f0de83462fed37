/**
 * A report in under 4,000 characters: what matters first, what was not seen,
 * and what to call next. Lists are shortened until it fits.
 */
import { defined } from '../../base/defined.ts'
import type { Marked, PluginLine, ReportSummary } from './answers.ts'
import { lackingMarks } from '../judge/lacking-marks.ts'
import type { ReportFacts } from '../judge/report-facts.ts'
import type { OpenReport, ScanMeta } from '../query/results.ts'
import { type PluginTally, tallyPlugins } from './plugin-tally.ts'

export const SUMMARY_CHARS_MAX = 4000
const LIST_LENGTHS = [8, 5, 3, 2, 1, 0]
const TEXT_CHARS_MAX = 300

export function summarizeReport(report: OpenReport, meta: ScanMeta): ReportSummary {
  const plugins = tallyPlugins(report.store)
  let summary = summaryWith(report, meta, plugins, 0)
  for (const length of LIST_LENGTHS) {
    summary = summaryWith(report, meta, plugins, length)
    if (JSON.stringify(summary).length < SUMMARY_CHARS_MAX) break
  }
  return summary
}

function summaryWith(
  { store, facts }: OpenReport,
  meta: ScanMeta,
  plugins: readonly PluginTally[],
  length: number,
): ReportSummary {
  const exploitable = plugins.filter((plugin) => plugin.exploitable)
  const known = plugins.filter((plugin) => plugin.knownExploited)
  const top = (list: readonly PluginTally[]): PluginLine[] => list.slice(0, length).map(lineOf)
  const leaders = (of: (plugin: PluginTally) => number | undefined): PluginLine[] =>
    top(plugins.filter((plugin) => of(plugin) !== undefined).sort((a, b) => (of(b) ?? 0) - (of(a) ?? 0)))
  const { coverage, troubleshooting, authentication_credentials: credentials } = facts
  const lacking = lackingMarks(store.fields, facts.started_at, known.length > 0)
  const hostCounts = topHosts(store.hosts)
  return {
    task_id: meta.taskId,
    scan_name: cut(meta.scanName ?? facts.report_name, 100),
    hosts_scanned: facts.hosts_scanned,
    total_vulnerabilities: facts.total_vulnerabilities,
    total_informational: facts.severity_breakdown.info,
    severity_breakdown: facts.severity_breakdown,
    ...(facts.compliance.total > 0 ? { compliance: fewResults(facts.compliance) } : {}),
    duration_seconds: facts.duration_seconds,
    authentication: {
      status: facts.authentication_status,
      hosts: facts.authentication_counts,
      logins: facts.authentication_hosts.slice(0, length).map(({ host, status, reach, reason }) => ({
        host: cut(host, 60),
        status,
        reach,
        why: cut(reason, 160),
      })),
      ...(credentials && credentials.total > 0 ? { credentials: credentials.list.slice(0, length) } : {}),
      ...(troubleshooting
        ? { likely_cause: troubleshooting.likely_cause, next_steps: troubleshooting.next_steps.slice(0, length) }
        : {}),
    },
    not_seen: {
      hosts_unreachable: coverage.hosts_unreachable,
      hosts_unfinished: coverage.hosts_unfinished,
      unreachable: coverage.unreachable.slice(0, length).map((host) => cut(host, 60)),
      unfinished: coverage.unfinished.slice(0, length).map((host) => cut(host, 60)),
      hosts_without_findings: coverage.hosts_without_findings,
      targets_not_seen: coverage.targets_not_seen_count,
      examples: coverage.targets_not_seen.slice(0, length).map((target) => cut(target, 60)),
      scan_status: coverage.scan_status,
    },
    warnings: facts.validation_warnings.map((warning) => cut(warning, length > 0 ? TEXT_CHARS_MAX : 120)).slice(0, 6),
    top_hosts: hostCounts.slice(0, length),
    top_plugins: top(plugins),
    exploitable: marked('exploit' in lacking, exploitable, top),
    cisa_known_exploited: marked('kev' in lacking, known, top),
    unknown: lacking,
    totals: {
      hosts_with_vulnerabilities: hostCounts.length,
      plugins: plugins.length,
      warnings: facts.validation_warnings.length,
      logins: Object.values(facts.authentication_counts).reduce((total, count) => total + count, 0),
      // What was judged before credentials were, tells nothing of them.
      ...defined({ credentials: credentials?.total }),
    },
    vpr_leaders: leaders((plugin) => plugin.vpr),
    epss_leaders: leaders((plugin) => plugin.epss),
    untrusted_text: ['top_hosts.host', 'authentication.logins.host', 'authentication.credentials', 'not_seen'],
  }
}

const marked = (
  unknown: boolean,
  plugins: readonly PluginTally[],
  top: (list: readonly PluginTally[]) => PluginLine[],
): Marked =>
  unknown
    ? { plugins: null, findings: null, top: [] }
    : { plugins: plugins.length, findings: sum(plugins), top: top(plugins) }

const sum = (plugins: readonly PluginTally[]): number => plugins.reduce((total, plugin) => total + plugin.findings, 0)
const cut = (text: string, chars: number): string => (text.length > chars ? `${text.slice(0, chars - 1)}…` : text)

function fewResults(compliance: ReportFacts['compliance']): ReportFacts['compliance'] {
  return { total: compliance.total, results: Object.fromEntries(Object.entries(compliance.results).slice(0, 8)) }
}

function lineOf(plugin: PluginTally): PluginLine {
  return {
    plugin_id: plugin.pluginId,
    plugin_name: cut(plugin.name, 70),
    severity: plugin.severity,
    hosts: plugin.hosts,
    findings: plugin.findings,
    ...defined({ vpr_score: plugin.vpr, epss_score: plugin.epss }),
  }
}

/** The worst first; a host that the report writes twice is one. */
function topHosts(hosts: OpenReport['store']['hosts']): ReportSummary['top_hosts'] {
  const whole = new Map<number, { name: string; severities: number[] }>()
  for (const { name, same, severities } of hosts) {
    const known = whole.get(same)
    if (known) for (const [level, count] of severities.entries()) known.severities[level]! += count
    else whole.set(same, { name, severities: [...severities] })
  }
  return [...whole.values()]
    .map(({ name, severities: [, low = 0, medium = 0, high = 0, critical = 0] }) => ({
      host: cut(name, 60),
      critical,
      high,
      medium,
      low,
    }))
    .filter((host) => host.critical + host.high + host.medium + host.low > 0)
    .sort((a, b) => b.critical - a.critical || b.high - a.high || b.medium - a.medium || b.low - a.low)
}
