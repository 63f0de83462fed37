/**
 * MCP tool `import_scan`: takes in a .nessus file as a completed scan.
 *
 *   tool.import_scan → import_scan → scan.ended
 *
 * Safe to run twice: nothing is known of the scan until it settles, and a run that fails removes what it wrote.
 */
import * as v from 'valibot'
import { importReport } from '../../lib/scan-work/start/import-report.ts'
import { tool } from '../../lib/runtime/tool.ts'
import { begin } from '../../lib/scans/change.ts'

const path = v.pipe(
  v.string(),
  v.nonEmpty(),
  v.maxLength(1000),
  v.description('The file, relative to the import directory.'),
)
const name = v.optional(
  v.pipe(v.string(), v.maxLength(200), v.description('Name of the scan. Default: the name in the report.')),
)

export default tool({
  name: 'import_scan',
  title: 'Import a report file',
  description:
    'Takes in an existing .nessus report, also gzipped or zipped, as a completed scan: all result tools then work on it. No scanner is needed. ' +
    'path is below the import directory of the server (IMPORT_DIR); a file from elsewhere: POST /scans/import or `nessus-mcp import`. Next: ' +
    'summarize_scan.',
  toolset: 'details',
  nature: 'changes',
  arguments: v.object({
    path: v.optional(path),
    name,
    upload: v.optional(
      v.pipe(v.string(), v.maxLength(100), v.description('Set by the gateway for a file sent to it.')),
    ),
  }),
  shown: v.object({ path, name }),
  output: v.object({
    task_id: v.string(),
    status: v.string(),
    name: v.string(),
    hosts_scanned: v.number(),
    total_vulnerabilities: v.number(),
    total_informational: v.number(),
    severity_breakdown: v.record(v.string(), v.number()),
    scanned_at: v.nullable(v.string()),
    policy: v.nullable(v.string()),
    same_file_as: v.nullable(v.string()),
    validation_warnings: v.array(v.string()),
    next: v.string(),
  }),
  emits: { 'scan.ended': v.object({ pool: v.string() }) },
  slow: true,
  concurrency: 2,

  async run(args, context) {
    const { scan, facts, twin } = await importReport(args, context)
    const result = {
      task_id: scan.task_id,
      status: scan.status,
      name: scan.name,
      hosts_scanned: facts.hosts_scanned,
      total_vulnerabilities: facts.total_vulnerabilities,
      total_informational: facts.severity_breakdown.info,
      severity_breakdown: facts.severity_breakdown,
      scanned_at: facts.started_at,
      policy: facts.policy.name,
      same_file_as: twin?.task_id ?? null,
      validation_warnings: [...(scan.validation_warnings ?? [])],
      next: `Call summarize_scan with task_id ${scan.task_id}.`,
    }
    return {
      scans: [begin(scan)],
      emit: [{ type: 'scan.ended', data: { pool: scan.scanner_pool }, subject: scan.task_id }],
      reply: { result },
      undo: () => context.reports.remove(scan.task_id),
    }
  },
})
