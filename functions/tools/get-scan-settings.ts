/**
 * MCP tool `get_scan_settings`: how a scan was asked for.
 *
 *   tool.get_scan_settings → get_scan_settings
 *
 * Safe to run twice: it reads.
 */
import * as v from 'valibot'
import { findScan, touch } from '../../lib/scan-work/show/find-scan.ts'
import { REDACTED, tool, type ToolContext } from '../../lib/runtime/tool.ts'
import type { Scan } from '../../lib/scans/record.ts'
import { scanDurationMs } from '../../lib/scans/duration.ts'
import { simulatedEntries, simulatedFirst } from '../../lib/scan-work/show/simulated-scans.ts'
import { TaskId } from '../../lib/facts/task-id.ts'

export default tool({
  name: 'get_scan_settings',
  title: 'Settings of a scan',
  description:
    'What was asked for in a scan: targets, template, type, priority, scanner, account or credentials, secrets masked. To repeat it or explain ' +
    'its results.',
  toolset: 'details',
  nature: 'reads',
  arguments: v.object({ task_id: v.pipe(TaskId, v.description('The scan.')) }),
  output: v.object({
    ...simulatedEntries,
    task_id: v.string(),
    scan_type: v.string(),
    scanner_type: v.string(),
    scanner_pool: v.string(),
    scanner_instance: v.nullable(v.string()),
    origin: v.string(),
    settings: v.record(v.string(), v.unknown()),
    created_at: v.string(),
    execution_time_seconds: v.nullable(v.number()),
  }),
  emits: {},

  async run({ task_id }, context) {
    const scan = await findScan(task_id, context)
    const durationMs = scanDurationMs(scan)
    const result = {
      ...simulatedFirst([scan]),
      task_id,
      scan_type: scan.scan_type,
      scanner_type: scan.scanner_type,
      scanner_pool: scan.scanner_pool,
      scanner_instance: scan.scanner_instance ?? scan.pinned_instance ?? null,
      origin: scan.origin,
      settings: {
        targets: scan.targets.text,
        name: scan.name,
        description: scan.description,
        schema_profile: scan.schema_profile,
        template: scan.template,
        policy: scan.policy ?? null,
        settings: scan.settings ?? null,
        priority: scan.priority,
        debug_mode: scan.debug_mode,
        credentials: credentialsShown(scan, context),
        caller: scan.caller ?? null,
        relaunch_of: scan.relaunch_of ?? null,
      },
      created_at: scan.created_at,
      execution_time_seconds: durationMs === undefined ? null : durationMs / 1000,
    }
    return { reply: { result }, also: touch(scan, context) }
  },
})

/** As the caller sent them, secrets masked; the name of a configured one for those alone who may use it. */
function credentialsShown({ credentials }: Scan, { scanners, caller }: Pick<ToolContext, 'scanners' | 'caller'>) {
  if (credentials?.kind !== 'named') return credentials?.shown ?? null
  const known = scanners.credentialNames(caller)
  const shown = (name: string) => (known.includes(name) ? name : REDACTED)
  const { ref, more = [] } = credentials
  return { credential: shown(ref), ...(more.length > 0 && { more_credentials: more.map(shown) }) }
}
