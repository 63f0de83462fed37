/** Names for what the tools answer, each by the tool's own output schema. */
import type { Result } from './call.ts'

export type RunResult = Result<'run_untrusted_scan'>
export type ScanStatus = Result<'get_scan_status'>
export type ScanList = Result<'list_tasks'>
export type ScanSettings = Result<'get_scan_settings'>
export type NativeScan = Result<'download_native_scan'>
export type ScanChanged = Result<'pause_scan'>
export type ScanStopped = Result<'stop_scan'>
export type ScanAdopted = Result<'adopt_scan'>
export type ScanDeleted = Result<'delete_scan'>
export type ScanImported = Result<'import_scan'>
export type ScannerList = Result<'list_scanners'>
export type PoolList = Result<'list_pools'>
export type PoolStatus = Result<'get_pool_status'>
export type QueueStatus = Result<'get_queue_status'>
export type TemplateList = Result<'list_templates'>
export type PolicyList = Result<'list_policies'>
export type ScannerScanList = Result<'list_scanner_scans'>
export type ScannerRunList = Result<'list_scanner_runs'>
export type ScanSummary = Result<'summarize_scan'>
export type ScanComparison = Result<'compare_scans'>
export type OneFinding = Result<'get_finding'>
export type FoundFindings = Result<'search_findings'>
export type QueryAnswer = Result<'query_findings'>
export type ScannerInfo = ScannerList['scanners'][number]
