/** What the questions of this folder answer, field by field: the types here and the tools' output schemas are read from it. */
import * as v from 'valibot'
import { type Field, KNOWN_FIELDS } from '../fields.ts'
import { AUTHENTICATION, SeverityBreakdown } from '../judge/report-facts.ts'
import { CredentialTally, CredentialVerdict } from '../judge/credential-result.ts'
import { REACHES } from '../judge/reach.ts'

const Count = v.number()
const Counts = v.record(v.string(), Count)
const Texts = v.array(v.string())
const Moment = v.nullable(v.string())

/** A finding in a few short fields. */
const briefEntries = {
  id: v.string(),
  host: v.string(),
  port: Count,
  protocol: v.string(),
  plugin_id: Count,
  plugin_name: v.string(),
  severity: Count,
  cvss_score: v.optional(Count),
}
const FindingBrief = v.object(briefEntries)
export type FindingBrief = v.InferOutput<typeof FindingBrief>

/** The lists of a comparison of findings and checks, each entry with what its kind adds. */
const COMPARED = {
  new: FindingBrief,
  fixed: FindingBrief,
  persisting: FindingBrief,
  severity_changed: v.object({ ...briefEntries, severity_before: Count }),
  not_retested: v.object({ ...briefEntries, why: v.string() }),
  compliance_changed: v.object({
    ...briefEntries,
    check_name: v.string(),
    result_before: v.string(),
    result: v.string(),
  }),
  compliance_persisting: v.object({ ...briefEntries, check_name: v.string(), result: v.string() }),
  compliance_not_retested: v.object({
    ...briefEntries,
    check_name: v.string(),
    result_before: v.string(),
    why: v.string(),
  }),
} as const
type Compared = typeof COMPARED
export type ComparedLists = { [K in keyof Compared]: v.InferOutput<Compared[K]> }
const COMPARED_COUNTS = {
  new: Count,
  fixed: Count,
  persisting: Count,
  severity_changed: Count,
  not_retested: Count,
  compliance_changed: Count,
  compliance_persisting: Count,
  compliance_not_retested: Count,
  hosts_added: Count,
  hosts_gone: Count,
  new_on_new_hosts: Count,
  hosts_in_both: Count,
}

export const Comparison = v.object({
  /** All of each kind, before any list is cut. */
  counts: v.object(COMPARED_COUNTS),
  /** How many of the findings counted are informational: none where severity_min leaves them out. */
  total_informational: Count,
  new: v.array(COMPARED.new),
  fixed: v.array(COMPARED.fixed),
  persisting: v.array(COMPARED.persisting),
  severity_changed: v.array(COMPARED.severity_changed),
  not_retested: v.array(COMPARED.not_retested),
  compliance_changed: v.array(COMPARED.compliance_changed),
  compliance_persisting: v.array(COMPARED.compliance_persisting),
  compliance_not_retested: v.array(COMPARED.compliance_not_retested),
  not_retested_reasons: Counts,
  compliance_not_retested_reasons: Counts,
  hosts: v.object({ added: Texts, gone: Texts }),
  /** Entries of each list that are not shown. */
  cut: Counts,
  /** When the reports say that they were made. */
  dates: v.object({ old: Moment, new: Moment }),
  warnings: Texts,
})
export type Comparison = v.InferOutput<typeof Comparison>

const PluginLine = v.object({
  plugin_id: Count,
  plugin_name: v.string(),
  severity: Count,
  hosts: Count,
  findings: Count,
  vpr_score: v.optional(Count),
  epss_score: v.optional(Count),
})
export type PluginLine = v.InferOutput<typeof PluginLine>

/** `null` where the report does not tell: see `unknown`. */
const Marked = v.object({ plugins: v.nullable(Count), findings: v.nullable(Count), top: v.array(PluginLine) })
export type Marked = v.InferOutput<typeof Marked>

export const ReportSummary = v.object({
  task_id: v.string(),
  scan_name: v.string(),
  hosts_scanned: Count,
  total_vulnerabilities: Count,
  total_informational: Count,
  severity_breakdown: SeverityBreakdown,
  compliance: v.optional(v.object({ total: Count, results: Counts })),
  duration_seconds: v.nullable(Count),
  authentication: v.object({
    status: v.picklist(AUTHENTICATION),
    hosts: Counts,
    /** Host by host, the worst first. */
    logins: v.array(
      v.object({ host: v.string(), status: v.picklist(AUTHENTICATION), reach: v.picklist(REACHES), why: v.string() }),
    ),
    /** Which credentials worked or did not, over all hosts: the worst first. Absent where no plugin tells. */
    credentials: v.optional(v.array(CredentialTally)),
    likely_cause: v.optional(v.string()),
    next_steps: v.optional(Texts),
  }),
  not_seen: v.object({
    hosts_unreachable: Count,
    hosts_unfinished: Count,
    unreachable: Texts,
    unfinished: Texts,
    hosts_without_findings: Count,
    targets_not_seen: Count,
    examples: Texts,
    scan_status: v.string(),
  }),
  warnings: Texts,
  top_hosts: v.array(v.object({ host: v.string(), critical: Count, high: Count, medium: Count, low: Count })),
  top_plugins: v.array(PluginLine),
  exploitable: Marked,
  cisa_known_exploited: Marked,
  /** What the report does not tell of its findings at all, and why: of these nothing can be said, not 0. */
  unknown: v.record(v.string(), v.string()),
  /** How long the lists would be, uncut. */
  totals: v.object({
    hosts_with_vulnerabilities: Count,
    plugins: Count,
    warnings: Count,
    logins: Count,
    credentials: v.optional(Count),
  }),
  vpr_leaders: v.array(PluginLine),
  epss_leaders: v.array(PluginLine),
  untrusted_text: Texts,
})
export type ReportSummary = v.InferOutput<typeof ReportSummary>

const HostLook = v.object({
  host: v.string(),
  /** Everything it goes by. */
  names: Texts,
  reach: v.string(),
  login: v.object({
    status: v.string(),
    reason: v.string(),
    access: v.string(),
    /** Which credentials worked or did not here, where the report tells. */
    credentials: v.array(CredentialVerdict),
    evidence: v.array(v.object({ plugin_id: Count, plugin: v.string(), port: Count, says: v.string() })),
  }),
  started_at: Moment,
  ended_at: Moment,
  port_range: v.nullable(v.string()),
  policy: v.nullable(v.string()),
  severity_breakdown: SeverityBreakdown,
  compliance: Count,
})
export type HostLook = v.InferOutput<typeof HostLook>

export const HostLooks = v.object({
  /** Looks at hosts of that name: more than one where hosts share it, or the report holds several looks at one. */
  total: Count,
  hosts: v.array(HostLook),
})
export type HostLooks = v.InferOutput<typeof HostLooks>

/** Every field that this version knows by name; a report may have others, and repeat any. */
const FINDING_FIELDS = Object.fromEntries(
  [...KNOWN_FIELDS.values()].map((field) => [field.name, v.optional(valueOf(field))]),
)

/** What does not have the form of its type stays text; any element may repeat, and is a list then. */
function valueOf({ type }: Field) {
  const text = v.string()
  const one =
    type === 'boolean'
      ? v.union([v.boolean(), text])
      : type === 'number' || type === 'severity'
        ? v.union([v.number(), text])
        : text
  return v.union([one, v.array(one)])
}
export const FindingAnswer = v.object({
  id: v.string(),
  /** Every field, long texts cut to their first slice; with a slice request, only that text. */
  finding: v.looseObject(FINDING_FIELDS),
  /** The texts that are not here whole. */
  slices: v.array(
    v.object({
      field: v.string(),
      offset: Count,
      total_chars: Count,
      /** Where the next slice starts; null at the end. */
      next_offset: v.nullable(Count),
    }),
  ),
  untrusted_text: Texts,
})
export type FindingAnswer = v.InferOutput<typeof FindingAnswer>

export const SearchAnswer = v.object({
  warnings: v.optional(Texts),
  /** Scans that cannot say, the newest first, and why; absent where all can. */
  cannot_say: v.optional(Texts),
  /** Findings that match, each once however many scans saw it. */
  total: Count,
  /** How many of them are informational. */
  total_informational: Count,
  hosts: Count,
  scans_searched: Count,
  scans_with_results: Count,
  scans_left_unsearched: Count,
  scans_not_searched: Texts,
  oldest_scan_searched: Moment,
  findings: v.array(
    v.object({
      ...briefEntries,
      last_seen: v.string(),
      last_task_id: v.string(),
      first_seen: v.string(),
      first_task_id: v.string(),
      scans: Count,
    }),
  ),
  truncated: v.boolean(),
  next: v.string(),
})
