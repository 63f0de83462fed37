/** Every tool by name: what it takes, by its own schema, and what it answers. Types only: nothing of the server is loaded. */
import type { GenericSchema, InferInput, InferOutput } from 'valibot'
import type adoptScan from '../../functions/tools/adopt-scan.ts'
import type compareScans from '../../functions/tools/compare-scans.ts'
import type deleteScan from '../../functions/tools/delete-scan.ts'
import type downloadNativeScan from '../../functions/tools/download-native-scan.ts'
import type getFinding from '../../functions/tools/get-finding.ts'
import type getPoolStatus from '../../functions/tools/get-pool-status.ts'
import type getQueueStatus from '../../functions/tools/get-queue-status.ts'
import type getScanResults from '../../functions/tools/get-scan-results.ts'
import type getScanSettings from '../../functions/tools/get-scan-settings.ts'
import type getScanStatus from '../../functions/tools/get-scan-status.ts'
import type importScan from '../../functions/tools/import-scan.ts'
import type listPools from '../../functions/tools/list-pools.ts'
import type listScannerRuns from '../../functions/tools/list-scanner-runs.ts'
import type listScannerScans from '../../functions/tools/list-scanner-scans.ts'
import type listScanners from '../../functions/tools/list-scanners.ts'
import type listScans from '../../functions/tools/list-scans.ts'
import type listTasks from '../../functions/tools/list-tasks.ts'
import type listTemplates from '../../functions/tools/list-templates.ts'
import type pauseScan from '../../functions/tools/pause-scan.ts'
import type queryFindings from '../../functions/tools/query-findings.ts'
import type resumeScan from '../../functions/tools/resume-scan.ts'
import type runAuthenticatedScan from '../../functions/tools/run-authenticated-scan.ts'
import type runPrivilegedScan from '../../functions/tools/run-privileged-scan.ts'
import type runTrustedScan from '../../functions/tools/run-trusted-scan.ts'
import type runUntrustedScan from '../../functions/tools/run-untrusted-scan.ts'
import type searchFindings from '../../functions/tools/search-findings.ts'
import type stopScan from '../../functions/tools/stop-scan.ts'
import type summarizeScan from '../../functions/tools/summarize-scan.ts'

/** `result` by the tool's own output schema; a tool without one answers text, such as JSON-NL. */
interface Tool<
  T extends { arguments: GenericSchema; output?: GenericSchema },
  Result = InferOutput<NonNullable<T['output']>>,
> {
  readonly arguments: InferInput<T['arguments']>
  readonly result: Result
}

export interface ToolTypes {
  readonly run_untrusted_scan: Tool<typeof runUntrustedScan>
  readonly run_authenticated_scan: Tool<typeof runAuthenticatedScan>
  readonly run_trusted_scan: Tool<typeof runTrustedScan>
  readonly run_privileged_scan: Tool<typeof runPrivilegedScan>
  readonly get_scan_status: Tool<typeof getScanStatus>
  readonly summarize_scan: Tool<typeof summarizeScan>
  readonly get_scan_results: Tool<typeof getScanResults, string>
  readonly get_finding: Tool<typeof getFinding>
  readonly compare_scans: Tool<typeof compareScans>
  readonly query_findings: Tool<typeof queryFindings>
  readonly search_findings: Tool<typeof searchFindings>
  readonly get_scan_settings: Tool<typeof getScanSettings>
  readonly download_native_scan: Tool<typeof downloadNativeScan>
  readonly list_tasks: Tool<typeof listTasks>
  readonly list_scans: Tool<typeof listScans>
  readonly pause_scan: Tool<typeof pauseScan>
  readonly resume_scan: Tool<typeof resumeScan>
  readonly stop_scan: Tool<typeof stopScan>
  readonly delete_scan: Tool<typeof deleteScan>
  readonly list_scanners: Tool<typeof listScanners>
  readonly list_pools: Tool<typeof listPools>
  readonly get_pool_status: Tool<typeof getPoolStatus>
  readonly get_queue_status: Tool<typeof getQueueStatus>
  readonly list_templates: Tool<typeof listTemplates>
  readonly list_scanner_scans: Tool<typeof listScannerScans>
  readonly list_scanner_runs: Tool<typeof listScannerRuns>
  readonly adopt_scan: Tool<typeof adoptScan>
  readonly import_scan: Tool<typeof importScan>
}

export type ToolName = keyof ToolTypes
export type Arguments<T extends ToolName> = ToolTypes[T]['arguments']
export type Result<T extends ToolName> = ToolTypes[T]['result']
