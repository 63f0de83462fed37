/** Every tool by name: what it takes and what it answers, by its own schemas. Types only. Written by `npm run docs` from `functions/index.ts`: change the tool, not this file. */
import type adoptScan from '../../../functions/tools/adopt-scan.ts'
import type adoptScans from '../../../functions/tools/adopt-scans.ts'
import type compareScans from '../../../functions/tools/compare-scans.ts'
import type deleteScan from '../../../functions/tools/delete-scan.ts'
import type downloadNativeScan from '../../../functions/tools/download-native-scan.ts'
import type forgetScan from '../../../functions/tools/forget-scan.ts'
import type getFinding from '../../../functions/tools/get-finding.ts'
import type getPoolStatus from '../../../functions/tools/get-pool-status.ts'
import type getQueueStatus from '../../../functions/tools/get-queue-status.ts'
import type getScanResults from '../../../functions/tools/get-scan-results.ts'
import type getScanSettings from '../../../functions/tools/get-scan-settings.ts'
import type getScanStatus from '../../../functions/tools/get-scan-status.ts'
import type importScan from '../../../functions/tools/import-scan.ts'
import type listAdoptions from '../../../functions/tools/list-adoptions.ts'
import type listPolicies from '../../../functions/tools/list-policies.ts'
import type listPools from '../../../functions/tools/list-pools.ts'
import type listScannerRuns from '../../../functions/tools/list-scanner-runs.ts'
import type listScannerScans from '../../../functions/tools/list-scanner-scans.ts'
import type listScanners from '../../../functions/tools/list-scanners.ts'
import type listScans from '../../../functions/tools/list-scans.ts'
import type listTasks from '../../../functions/tools/list-tasks.ts'
import type listTemplates from '../../../functions/tools/list-templates.ts'
import type pauseScan from '../../../functions/tools/pause-scan.ts'
import type queryFindings from '../../../functions/tools/query-findings.ts'
import type relaunchScan from '../../../functions/tools/relaunch-scan.ts'
import type resumeScan from '../../../functions/tools/resume-scan.ts'
import type runAuthenticatedScan from '../../../functions/tools/run-authenticated-scan.ts'
import type runPrivilegedScan from '../../../functions/tools/run-privileged-scan.ts'
import type runTrustedScan from '../../../functions/tools/run-trusted-scan.ts'
import type runUntrustedScan from '../../../functions/tools/run-untrusted-scan.ts'
import type searchFindings from '../../../functions/tools/search-findings.ts'
import type stopScan from '../../../functions/tools/stop-scan.ts'
import type summarizeScan from '../../../functions/tools/summarize-scan.ts'
import type { TypesOf } from '../types-of.ts'

export interface ToolTypes {
  readonly run_untrusted_scan: TypesOf<typeof runUntrustedScan>
  readonly run_authenticated_scan: TypesOf<typeof runAuthenticatedScan>
  readonly run_trusted_scan: TypesOf<typeof runTrustedScan>
  readonly run_privileged_scan: TypesOf<typeof runPrivilegedScan>
  readonly relaunch_scan: TypesOf<typeof relaunchScan>
  readonly get_scan_status: TypesOf<typeof getScanStatus>
  readonly summarize_scan: TypesOf<typeof summarizeScan>
  readonly get_scan_results: TypesOf<typeof getScanResults, string>
  readonly get_finding: TypesOf<typeof getFinding>
  readonly compare_scans: TypesOf<typeof compareScans>
  readonly query_findings: TypesOf<typeof queryFindings>
  readonly search_findings: TypesOf<typeof searchFindings>
  readonly get_scan_settings: TypesOf<typeof getScanSettings>
  readonly download_native_scan: TypesOf<typeof downloadNativeScan>
  readonly list_tasks: TypesOf<typeof listTasks>
  readonly list_scans: TypesOf<typeof listScans>
  readonly pause_scan: TypesOf<typeof pauseScan>
  readonly resume_scan: TypesOf<typeof resumeScan>
  readonly stop_scan: TypesOf<typeof stopScan>
  readonly delete_scan: TypesOf<typeof deleteScan>
  readonly list_scanners: TypesOf<typeof listScanners>
  readonly list_pools: TypesOf<typeof listPools>
  readonly get_pool_status: TypesOf<typeof getPoolStatus>
  readonly get_queue_status: TypesOf<typeof getQueueStatus>
  readonly list_templates: TypesOf<typeof listTemplates>
  readonly list_policies: TypesOf<typeof listPolicies>
  readonly list_scanner_scans: TypesOf<typeof listScannerScans>
  readonly list_scanner_runs: TypesOf<typeof listScannerRuns>
  readonly adopt_scan: TypesOf<typeof adoptScan>
  readonly adopt_scans: TypesOf<typeof adoptScans>
  readonly list_adoptions: TypesOf<typeof listAdoptions>
  readonly import_scan: TypesOf<typeof importScan>
  readonly forget_scan: TypesOf<typeof forgetScan>
}
