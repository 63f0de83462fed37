import { lackingMarks, MARK_FIELDS, type MarkName } from '../judge/lacking-marks.ts'
import type { OpenReport } from '../query/results.ts'

/** Dates of the plugins' own: an export without what plugins say has none of them. */
const DATES: ReadonlySet<string> = new Set(['patch_publication_date', 'vuln_publication_date'])

/** Why a field's absence says nothing in this report: it carries the mark nowhere. `undefined` when it does carry it. */
export function lackingReason({ store, facts }: OpenReport, field: string): string | undefined {
  if (DATES.has(field) && !store.fields.some(({ name }) => name === field))
    return `the report carries no ${field} at all`
  const marks = Object.entries(MARK_FIELDS) as [MarkName, readonly string[]][]
  const mark = field === 'kev' ? 'kev' : marks.find(([, carriers]) => carriers.includes(field))?.[0]
  if (mark === undefined) return undefined
  const kevSeen = store.fields.some(({ name }) => name === 'cisa_known_exploited')
  return lackingMarks(store.fields, facts.started_at, kevSeen)[mark]
}
