/**
 * Why a condition on a field says nothing of a report: the report carries the mark nowhere, so that no match is not "none". Counts,
 * filters and searches all ask here.
 */
import type { Field } from '../fields.ts'
import { lackingMarks, MARK_FIELDS, type MarkName, SAYS_NOTHING, saysNothing } from './lacking-marks.ts'
import type { ReportFacts } from './report-facts.ts'

/** Of a report, what this needs: the fields that its findings have, and when it was made. */
interface Carrier {
  readonly store: { readonly fields: readonly Pick<Field, 'name'>[] }
  readonly facts: Pick<ReportFacts, 'started_at'>
}

/** Dates of the plugins' own: an export without what plugins say has none of them. */
const DATES: ReadonlySet<string> = new Set([
  'patch_publication_date',
  'vuln_publication_date',
  'plugin_publication_date',
  'plugin_modification_date',
])
/** Written where they hold, and left out where not: their absence means no only where plugins say anything of vulnerabilities. */
const WHERE_TRUE: ReadonlySet<string> = new Set([
  'exploited_by_malware',
  'exploited_by_nessus',
  'exploit_framework_metasploit',
  'exploit_framework_core',
  'exploit_framework_canvas',
  'exploit_framework_d2_elliot',
  'exploit_framework_exploithub',
  'in_the_news',
  'unsupported_by_vendor',
  'default_account',
  'malware',
])
/** Made of others: unknown where all of those are. */
const MADE_OF: Readonly<Record<string, readonly MarkName[]>> = {
  kev: ['kev'],
  cvss_score: ['cvss2', 'cvss3', 'cvss4'],
  cvss_version: ['cvss2', 'cvss3', 'cvss4'],
}

/** `undefined` when the report does carry the field, or its absence says something. */
export function lackingReason({ store, facts }: Carrier, field: string): string | undefined {
  const names = new Set(store.fields.map(({ name }) => name))
  if (names.has(field)) return undefined
  if (DATES.has(field)) return `the report carries no ${field} at all`
  if (WHERE_TRUE.has(field)) return saysNothing(names) ? SAYS_NOTHING : undefined
  const marks = Object.entries(MARK_FIELDS) as [MarkName, readonly string[]][]
  const own = marks.flatMap(([mark, carriers]) => (carriers.includes(field) ? [mark] : []))
  const asked = MADE_OF[field] ?? own
  const lacking = lackingMarks(store.fields, facts.started_at, names.has('cisa_known_exploited'))
  const reasons = asked.map((mark) => lacking[mark])
  if (asked.length === 0 || reasons.includes(undefined)) return undefined
  return asked.length > 1 ? `the report carries no ${field} at all` : reasons[0]
}

/** Reasons for each of `fields`, each once. */
export function lackingReasons(report: Carrier, fields: Iterable<string>): string[] {
  return [...new Set([...new Set(fields)].flatMap((field) => lackingReason(report, field) ?? []))]
}
