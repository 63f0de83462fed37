/**
 * What a report does not tell of its findings at all. A count of such a mark is
 * unknown, not 0: the export was made without it, or the scanner did not know it.
 */
import type { Field } from '../fields.ts'
import { momentOf } from './report-dates.ts'

/** Each mark with the fields that carry it; one of them anywhere in the report is enough. */
export const MARK_FIELDS = {
  cve: ['cve'],
  exploit: ['exploit_available'],
  kev: ['cisa_known_exploited'],
  epss: ['epss_score'],
  vpr: ['vpr_score', 'vpr_v2_score', 'vulnerability_priority_rating'],
  cvss2: ['cvss_base_score', 'cvss'],
  cvss3: ['cvss3_base_score', 'cvssv3'],
  cvss4: ['cvss4_base_score'],
} as const satisfies Record<string, readonly string[]>
export type MarkName = keyof typeof MARK_FIELDS

/** The catalogue of known exploited vulnerabilities began in November 2021. */
const KEV_BEGAN = Date.UTC(2022, 0, 1)

/** The marks that the report lacks, each with why nothing can be said of it. `kevSeen`: some reference names the catalogue. */
export function lackingMarks(
  fields: readonly Pick<Field, 'name'>[],
  startedAt: string | null,
  kevSeen: boolean,
): Partial<Record<MarkName, string>> {
  const names = new Set(fields.map((field) => field.name))
  const lacking: Partial<Record<MarkName, string>> = {}
  for (const [mark, carriers] of Object.entries(MARK_FIELDS) as [MarkName, readonly string[]][]) {
    if (carriers.some((field) => names.has(field))) continue
    if (mark !== 'kev') lacking[mark] = `the report carries no ${carriers[0]} at all`
    else if (!kevSeen) {
      const why = kevUnknown(names, startedAt)
      if (why !== undefined) lacking.kev = why
    }
  }
  return lacking
}

/** Absence of the mark means "none" only where the report could have carried it. */
function kevUnknown(names: ReadonlySet<string>, startedAt: string | null): string | undefined {
  if (saysNothing(names)) return SAYS_NOTHING
  const started = momentOf(startedAt)
  if (started === undefined) return 'the report has no dates, and carries no mark of the KEV catalogue'
  return started < KEV_BEGAN ? 'the report is older than the KEV catalogue' : undefined
}

/** Whether plugins say nothing of vulnerabilities in a report with these fields: it was exported without. */
export const saysNothing = (names: ReadonlySet<string>): boolean =>
  !names.has('vuln_publication_date') && !names.has('exploit_available')
export const SAYS_NOTHING = 'the report was exported without what plugins say of vulnerabilities'
