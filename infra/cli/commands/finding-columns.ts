/** How findings are shown in a table. */
import type { Finding } from '../../../lib/client/scan-results.ts'
import { severityColour, severityName } from './severity.ts'
import type { Styler } from './terminal/style.ts'
import type { Column } from './terminal/table.ts'

/** What {@link findingColumns} shows. */
export const TABLE_FIELDS = ['severity', 'cvss_score', 'host', 'port', 'plugin_id', 'plugin_name']

export function findingColumns(style: Styler): readonly Column<Finding>[] {
  return [
    {
      title: 'severity',
      value: (finding) => severityName(finding.severity),
      style: (cell, { severity }) => style(severityColour(severity), cell),
    },
    { title: 'cvss', value: (finding) => finding.cvss_score?.toFixed(1), align: 'right' },
    { title: 'host', value: (finding) => finding.host },
    { title: 'port', value: (finding) => finding.port, align: 'right' },
    { title: 'plugin', value: (finding) => finding.plugin_id, align: 'right' },
    { title: 'name', value: (finding) => finding.plugin_name },
  ]
}

/** One column per chosen field, in the order in which they were asked for. */
export function fieldColumns(fields: readonly string[]): readonly Column<Finding>[] {
  return fields.map((field) => ({ title: field, value: (finding: Finding) => textOf(finding[field]) }))
}

function textOf(value: unknown): string {
  if (value === undefined || value === null) return ''
  if (Array.isArray(value)) return value.map(textOf).join(', ')
  return typeof value === 'object' ? JSON.stringify(value) : String(value as string | number | boolean)
}
