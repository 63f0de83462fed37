/**
 * MCP tool `summarize_scan`: what a scan found, in under 4,000 characters.
 *
 *   tool.summarize_scan → summarize_scan
 *
 * Safe to run twice: it reads.
 */
import * as v from 'valibot'
import { HostLooks, ReportSummary } from '../../lib/reports/ask/answers.ts'
import { readableScan, touch } from '../../lib/scan-work/show/find-scan.ts'
import { tool } from '../../lib/runtime/tool.ts'
import { TaskId } from '../../lib/facts/task-id.ts'

export default tool({
  name: 'summarize_scan',
  title: 'Summary of a scan',
  description:
    'Overview (highlights) of one ended scan, what it did find and cover: number of hosts, findings of each severity (critical, high, medium, ' +
    'low, info), worst machines and problems, KEV, exploitable; where the scanner did log in, where the login (authentication) failed or was ' +
    'refused and why; unreachable, not finished. With host: one host, names and addresses it is listed under, port range, checked from inside or ' +
    'not. null is unknown, not 0.',
  nature: 'reads',
  arguments: v.object({
    task_id: v.pipe(TaskId, v.description('The scan.')),
    host: v.optional(
      v.pipe(v.string(), v.maxLength(255), v.description('Only this one, by any of its names or addresses.')),
    ),
  }),
  /** With `host` the answer is of that host, without it of the scan. */
  output: v.object({
    ...v.partial(ReportSummary).entries,
    ...v.partial(HostLooks).entries,
    task_id: v.string(),
  }),
  emits: {},

  async run({ task_id, host }, context) {
    const scan = await readableScan(task_id, context)
    if (host !== undefined) {
      const { total, hosts } = await context.reports.host(task_id, host)
      const untrusted = ['hosts.host', 'hosts.names', 'hosts.login.evidence', 'hosts.login.credentials']
      const result = { task_id, total, hosts: hosts.map((look) => ({ ...look })), untrusted_text: untrusted }
      return { reply: { result }, also: touch(scan, context) }
    }
    const summary = await context.reports.summarize(task_id, { scanName: scan.name, scanStatus: scan.status })
    return { reply: { result: { ...summary } }, also: touch(scan, context) }
  },
})
