/** What may be asked of lives: one table, read by the question, the table of lives and the documents. */
import type { Field, FieldType } from '../fields.ts'

const OWN: Readonly<Record<string, readonly [FieldType, string]>> = {
  state: ['choice', 'open, fixed, not_retested or host_gone'],
  first_seen: ['date', 'the scan in which it was first found'],
  last_seen: ['date', 'the scan in which it was last found'],
  open_since: ['date', 'since when it was there at every look at its host'],
  last_looked_for: ['date', 'the last scan that found it, or looked for it and did not'],
  fixed_at: ['date', 'the scan that proved it fixed'],
  fixed_by: ['text', 'the task_id of that scan'],
  not_retested_since: ['date', 'the first scan of its host that neither found it nor looked for it'],
  why: ['text', 'why it was not retested, by the last look'],
  gone_since: ['date', 'the first scan that was to look at its host and did not reach it'],
  returned: ['number', 'how often it was there again after it was proved fixed'],
  age_days: ['number', 'days from first seen until it was fixed, or until now'],
  days_to_fix: ['number', 'of fixed ones, days from open_since; "mean days_to_fix" is the mean time to fix'],
  days_unlooked: ['number', 'of others, days since it was last looked for'],
  first_seen_week: ['date', 'the Monday of the week of first_seen'],
  fixed_week: ['date', 'the Monday of the week of fixed_at'],
  open_in_week: ['date', 'each Monday of a week at whose end it was not proved fixed: grouped by, the trend'],
}
const OF_PLUGINS: Readonly<Record<string, FieldType>> = {
  plugin_name: 'text',
  plugin_family: 'text',
  cve: 'identifier',
  cvss_base_score: 'number',
  vpr_score: 'number',
  epss_score: 'number',
}
const LISTS: ReadonlySet<string> = new Set(['why', 'open_in_week', 'cve'])

/** What lives say of themselves and their plugins. */
export const LIFE_FIELDS: ReadonlyMap<string, Field> = new Map(
  [...Object.entries(OWN).map(([name, [type]]) => [name, type] as const), ...Object.entries(OF_PLUGINS)].map(
    ([name, type]) => [name, { name, type, list: LISTS.has(name) }],
  ),
)
/** What each of a life's own fields means. */
export const LIFE_MEANINGS: readonly (readonly [string, string])[] = Object.entries(OWN).map(([name, [, says]]) => [
  name,
  says,
])
/** Fields of the columns and the hosts, as findings have them. */
export const LIFE_BASE_FIELDS = [
  'plugin_id',
  'port',
  'protocol',
  'severity',
  'severity_name',
  'cvss_score',
  'host',
  'host_ip',
  'host_fqdn',
  'host_netbios',
  'host_reach',
] as const
