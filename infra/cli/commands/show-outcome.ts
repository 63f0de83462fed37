/** What is printed of a scan that has ended: verdict, counts by severity, the worst findings, and what they are worth. */
import type { Finding } from '../../../lib/client/scan-results.ts'
import type { ScanStatus } from '../../../lib/client/tool-results.ts'
import { findingColumns, TABLE_FIELDS } from './finding-columns.ts'
import type { CommandContext } from './client-command.ts'
import { severityLine } from './severity.ts'
import { durationText } from './terminal/amounts.ts'
import { cleanText } from './terminal/clean-text.ts'
import type { Output } from './terminal/output.ts'

const TOP_FINDINGS = 10
/** Compliance checks have a severity too, and are no vulnerabilities: some more are read, so that enough are left. */
const READ_FINDINGS = 50

export async function showOutcome(status: ScanStatus, { client, output, signal }: CommandContext): Promise<void> {
  const top = status.results_available ? await topFindings(status.task_id, client, signal) : []
  if (output.json) {
    output.writeJson({ ...status, top_findings: top })
    return
  }
  output.write(`${headline(status, output)}\n`)
  if (status.results_summary) output.write(`${severityLine(status.results_summary, output.style)}\n`)
  if (top.length > 0) {
    output.write(output.terminal ? '\n' : '')
    output.writeTable(findingColumns(output.style), top)
  }
  output.write(verdict(status, output))
  if (status.results_available) output.note(`\nAll findings: nessus-mcp results ${status.task_id}`.trim())
}

async function topFindings(
  taskId: string,
  client: CommandContext['client'],
  signal: AbortSignal,
): Promise<readonly Finding[]> {
  const query = {
    page_size: READ_FINDINGS,
    filters: { severity: '>=1' },
    custom_fields: TABLE_FIELDS,
  }
  const { findings } = await client.getResults(taskId, query, { signal })
  return findings.filter(({ type }) => type === 'vulnerability').slice(0, TOP_FINDINGS)
}

function headline(status: ScanStatus, { style }: Output): string {
  const colour = status.status === 'completed' ? 'green' : 'red'
  const tookMs = Date.parse(status.completed_at ?? '') - Date.parse(status.started_at ?? status.created_at)
  const took = Number.isFinite(tookMs) ? ` after ${durationText(tookMs)}` : ''
  const lines = [`${cleanText(status.name)} (${status.task_id}): ${style(colour, status.status)}${took}`]
  if (status.error) lines.push(`  ${cleanText(status.error.message)}`, `  ${cleanText(status.error.remedy)}`)
  return lines.join('\n')
}

/** Whether the counts can be trusted: logins, warnings, and what to do about them. */
function verdict(status: ScanStatus, { style }: Output): string {
  const lines: string[] = []
  const { authentication_status: login, troubleshooting } = status
  if (login !== null && login !== 'not_applicable') {
    const colour = login === 'success' ? 'green' : login === 'failed' ? 'red' : 'yellow'
    lines.push(`Login: ${style(colour, login)}`)
  }
  for (const warning of status.validation_warnings) lines.push(`${style('yellow', 'Warning:')} ${cleanText(warning)}`)
  const cause = troubleshooting?.['likely_cause']
  if (typeof cause === 'string') lines.push(`Likely cause: ${cleanText(cause)}`)
  const steps = troubleshooting?.['next_steps']
  if (Array.isArray(steps)) lines.push(...steps.map((step: unknown) => `  - ${cleanText(String(step))}`))
  return lines.length === 0 ? '' : `\n${lines.join('\n')}\n`
}
