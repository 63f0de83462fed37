import { defined } from '../../base/defined.ts'
import { traceId } from '../../bus/event.ts'
import { DEFAULT_PROFILE } from '../../facts/profiles.ts'
import type { ScannerEntry } from '../../scanners/entry.ts'
import { madeThere } from '../../scanners/claim-of.ts'
import type { ScanRun, ScanState, ServerFacts } from '../../scanners/scan-state.ts'
import type { Scan } from '../../scans/record.ts'
import { makeTaskId } from '../../facts/task-id.ts'
import type { ToolContext } from '../../runtime/tool.ts'

interface Found {
  readonly entry: ScannerEntry
  /** At the scanner. */
  readonly id: number
  readonly name: string | undefined
  readonly run: ScanRun
  /** Of that run, as far as it is looked at. */
  readonly state: Pick<ScanState, 'phase' | 'status'>
  readonly server: ServerFacts
}

/** The record of a run of a scan that people made on a scanner. What it was asked to do is not known here. */
export function adoptedScan(
  { entry, id, name, run, state, server }: Found,
  context: Pick<ToolContext, 'now' | 'randomHex' | 'event' | 'caller'>,
): Scan {
  const now = context.now.toISOString()
  const { phase } = state
  const running = phase === 'active' || phase === 'paused'
  return {
    task_id: makeTaskId(entry.type, entry.instanceId, context.now, context.randomHex(4)),
    trace_id: traceId(context.event.traceparent) ?? context.randomHex(16),
    revision: 1,
    status: 'running',
    step: running ? 'scanning' : 'exporting',
    name: name ?? `Scan ${id} of ${entry.instanceId}`,
    description: `Adopted from scanner ${entry.instanceId}`,
    scan_type: 'untrusted',
    schema_profile: DEFAULT_PROFILE,
    origin: 'adopted',
    targets: { text: '', count: 0, hosts: [] },
    template: '',
    priority: 0,
    debug_mode: false,
    ...defined({ caller: context.caller }),
    scanner_type: entry.type,
    scanner_pool: entry.pool,
    scanner_instance: entry.instanceId,
    created_at: now,
    started_at: now,
    launched_at: now,
    scanner_scan_id: id,
    scanner_status: state.status,
    made_there: madeThere({}, server),
    ...defined({ run_uuid: run.uuid, run_history_id: run.historyId }),
    ...(phase === 'completed' || phase === 'aborted' || phase === 'canceled' ? { scan_outcome: phase } : {}),
  }
}
