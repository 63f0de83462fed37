/**
 * MCP tool `summarize_scan`: what a scan found, in under 4,000 characters.
 *
 *   tool.summarize_scan → summarize_scan
 *
 * Safe to run twice: it reads.
 */
import * as v from 'valibot'
import { readableScan, touch } from '../../lib/scan-work/show/find-scan.ts'
import { tool } from '../../lib/runtime/tool.ts'
import { TaskId } from '../../lib/facts/task-id.ts'

export default tool({
  name: 'summarize_scan',
  title: 'Summarize the results of a scan',
  description:
    'Sums up an ended scan in under 4,000 characters: counts by severity, the hosts and plugins that matter most, what has a public exploit or ' +
    'is known to be exploited (CISA KEV), the highest VPR and EPSS scores, whether the credentials worked, and what was not seen. ' +
    'With host: how that one host was reached and logged in to, and what shows it. ' +
    'null and unknown mean that the report does not tell, not 0. Call it first, then get_scan_results with filters for details.',
  nature: 'reads',
  arguments: v.object({
    task_id: v.pipe(TaskId, v.description('The task_id of the scan.')),
    host: v.optional(
      v.pipe(v.string(), v.maxLength(255), v.description('Only this host, by any of its names or addresses.')),
    ),
  }),
  output: v.looseObject({
    task_id: v.string(),
    severity_breakdown: v.optional(v.record(v.string(), v.number())),
    hosts: v.optional(v.array(v.record(v.string(), v.unknown()))),
  }),
  emits: {},

  async run({ task_id, host }, context) {
    const scan = await readableScan(task_id, context)
    if (host !== undefined) {
      const { total, hosts } = await context.reports.host(task_id, host)
      const untrusted = ['hosts.host', 'hosts.names', 'hosts.login.evidence']
      const result = { task_id, total, hosts: hosts.map((look) => ({ ...look })), untrusted_text: untrusted }
      return { reply: { result }, also: touch(scan, context) }
    }
    const summary = await context.reports.summarize(task_id, { scanName: scan.name, scanStatus: scan.status })
    return { reply: { result: { ...summary } }, also: touch(scan, context) }
  },
})
