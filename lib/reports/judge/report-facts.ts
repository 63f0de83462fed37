/** What is known of a report as a whole: plain data, under the names that tool results use. */
import * as v from 'valibot'
import { CredentialTally } from './credential-result.ts'
import { REACHES } from './reach.ts'

export const AUTHENTICATION = ['success', 'partial', 'failed', 'not_applicable', 'unknown'] as const
const Authentication = v.picklist(AUTHENTICATION)
export type Authentication = v.InferOutput<typeof Authentication>

/** How its run ended: by itself, or cut short, and by what. */
const RUN_ENDS = ['completed', 'aborted', 'canceled', 'timeout', 'failed'] as const

const Count = v.number()

const HostVerdict = v.object({
  host: v.string(),
  status: Authentication,
  /** One sentence: why. */
  reason: v.string(),
  /** `finished`, `unfinished`, `unreachable` or `unknown`. */
  reach: v.picklist(REACHES),
  /** Which plugin said what, cut to a line each. */
  evidence: v.array(v.object({ plugin_id: Count, plugin: v.string(), port: Count, says: v.string() })),
})
export type HostVerdict = v.InferOutput<typeof HostVerdict>

const Coverage = v.object({
  targets_asked: v.nullable(Count),
  hosts_seen: Count,
  /** Hosts in the report on which nothing at all was reported. */
  hosts_without_findings: Count,
  /** Hosts that the scanner itself called dead. */
  hosts_unreachable: Count,
  /** Hosts whose scan was begun and has no end: what is missing there was not looked at. */
  hosts_unfinished: Count,
  /** Which they are, the first few; the numbers above are whole. */
  unreachable: v.array(v.string()),
  unfinished: v.array(v.string()),
  /** Targets asked for of which the report has no host, the first few. */
  targets_not_seen: v.array(v.string()),
  targets_not_seen_count: Count,
  scan_status: v.picklist(RUN_ENDS),
})
export type Coverage = v.InferOutput<typeof Coverage>

export const SeverityBreakdown = v.object({ critical: Count, high: Count, medium: Count, low: Count, info: Count })
export type SeverityBreakdown = v.InferOutput<typeof SeverityBreakdown>

export const ReportFacts = v.object({
  file: v.object({ size_bytes: Count, sha256: v.string() }),
  report_name: v.string(),
  hosts_scanned: Count,
  total_findings: Count,
  /** Severity 1 to 4, compliance checks apart. */
  total_vulnerabilities: Count,
  severity_breakdown: SeverityBreakdown,
  compliance: v.object({ total: Count, results: v.record(v.string(), Count) }),
  /** From the first host's start to the last host's end, as the report says. */
  started_at: v.nullable(v.string()),
  ended_at: v.nullable(v.string()),
  duration_seconds: v.nullable(Count),
  /** How the report says that it looked: its Policy block, else plugin 19506 of its hosts. */
  policy: v.object({
    name: v.nullable(v.string()),
    port_range: v.nullable(v.string()),
    scan_type: v.nullable(v.string()),
    /** As they were asked for. */
    targets: v.array(v.string()),
    /** `enabled`, `disabled` or `mixed`, by plugin family; empty where the report does not list them. */
    families: v.record(v.string(), v.string()),
  }),
  /** Address, else name, of each host, the first two thousand. */
  hosts_known: v.array(v.string()),
  authentication_status: Authentication,
  authentication_hosts: v.array(HostVerdict),
  /** Per status, all hosts: {@link authentication_hosts} is cut to the first ones. */
  authentication_counts: v.record(v.string(), Count),
  /** What is told of each credential, the first hundred; absent in facts of an earlier version. */
  authentication_credentials: v.optional(v.object({ total: Count, list: v.array(CredentialTally) })),
  coverage: Coverage,
  validation_warnings: v.array(v.string()),
  troubleshooting: v.nullable(v.object({ likely_cause: v.string(), next_steps: v.array(v.string()) })),
})
export type ReportFacts = v.InferOutput<typeof ReportFacts>

/** What was asked of the scan, so that the report can be judged against it. */
export const Expectation = v.object({
  /** The scanner said of itself that it makes everything up. */
  simulated: v.optional(v.boolean()),
  sha256: v.optional(v.string()),
  /** What the scanner noted of the run: how many notes, and the first of them in its words. */
  scannerNotes: v.optional(v.object({ count: Count, said: v.array(v.string()) })),
  /** Hosts that the scanner's licence covered as the scan was made, and how many of them were used up, where it told. */
  licence: v.optional(v.object({ hosts: Count, used: v.optional(Count) })),
  targets: v.optional(v.object({ count: Count, list: v.array(v.string()) })),
  credentialsAsked: v.optional(v.picklist(['none', 'authenticated', 'privileged'])),
  scanStatus: v.optional(v.picklist(RUN_ENDS)),
})
export type Expectation = v.InferOutput<typeof Expectation>
