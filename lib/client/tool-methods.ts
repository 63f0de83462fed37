/** One typed method for every tool of the gateway, in the order in which the server lists them. */
import type { Arguments, Result, ToolName } from './tool-types.ts'

export interface CallOptions {
  /** Gives up waiting for the answer; what the tool does is not undone. */
  readonly signal?: AbortSignal
  /** How long the call may take, with all its attempts. Default: the client's. */
  readonly timeoutMs?: number
}

/** Every method throws ToolError (TaskNotFoundError for an unknown scan) or ConnectionError. */
export abstract class ToolMethods {
  /** Calls any tool by its name; a tool that this library does not know answers `unknown`. */
  abstract callTool<T extends ToolName>(tool: T, args: Arguments<T>, options?: CallOptions): Promise<Result<T>>
  abstract callTool(tool: string, args?: Readonly<Record<string, unknown>>, options?: CallOptions): Promise<unknown>

  runUntrustedScan(args: Arguments<'run_untrusted_scan'>, options?: CallOptions) {
    return this.callTool('run_untrusted_scan', args, options)
  }
  runAuthenticatedScan(args: Arguments<'run_authenticated_scan'>, options?: CallOptions) {
    return this.callTool('run_authenticated_scan', args, options)
  }
  runTrustedScan(args: Arguments<'run_trusted_scan'>, options?: CallOptions) {
    return this.callTool('run_trusted_scan', args, options)
  }
  runPrivilegedScan(args: Arguments<'run_privileged_scan'>, options?: CallOptions) {
    return this.callTool('run_privileged_scan', args, options)
  }
  /** With `wait_seconds` (up to 45) it answers when something changes. */
  getScanStatus(args: Arguments<'get_scan_status'>, options?: CallOptions) {
    return this.callTool('get_scan_status', args, options)
  }
  summarizeScan(args: Arguments<'summarize_scan'>, options?: CallOptions) {
    return this.callTool('summarize_scan', args, options)
  }
  /** The JSON lines as text; `getResults` reads them. */
  getScanResults(args: Arguments<'get_scan_results'>, options?: CallOptions) {
    return this.callTool('get_scan_results', args, options)
  }
  getFinding(args: Arguments<'get_finding'>, options?: CallOptions) {
    return this.callTool('get_finding', args, options)
  }
  compareScans(args: Arguments<'compare_scans'>, options?: CallOptions) {
    return this.callTool('compare_scans', args, options)
  }
  queryFindings(args: Arguments<'query_findings'>, options?: CallOptions) {
    return this.callTool('query_findings', args, options)
  }
  searchFindings(args: Arguments<'search_findings'>, options?: CallOptions) {
    return this.callTool('search_findings', args, options)
  }
  getScanSettings(args: Arguments<'get_scan_settings'>, options?: CallOptions) {
    return this.callTool('get_scan_settings', args, options)
  }
  /** Where the report is; `downloadReport` reads it. */
  downloadNativeScan(args: Arguments<'download_native_scan'>, options?: CallOptions) {
    return this.callTool('download_native_scan', args, options)
  }
  listTasks(args: Arguments<'list_tasks'> = {}, options?: CallOptions) {
    return this.callTool('list_tasks', args, options)
  }
  listScans(args: Arguments<'list_scans'> = {}, options?: CallOptions) {
    return this.callTool('list_scans', args, options)
  }
  pauseScan(args: Arguments<'pause_scan'>, options?: CallOptions) {
    return this.callTool('pause_scan', args, options)
  }
  resumeScan(args: Arguments<'resume_scan'>, options?: CallOptions) {
    return this.callTool('resume_scan', args, options)
  }
  stopScan(args: Arguments<'stop_scan'>, options?: CallOptions) {
    return this.callTool('stop_scan', args, options)
  }
  deleteScan(args: Arguments<'delete_scan'>, options?: CallOptions) {
    return this.callTool('delete_scan', args, options)
  }
  listScanners(args: Arguments<'list_scanners'> = {}, options?: CallOptions) {
    return this.callTool('list_scanners', args, options)
  }
  listPools(args: Arguments<'list_pools'> = {}, options?: CallOptions) {
    return this.callTool('list_pools', args, options)
  }
  getPoolStatus(args: Arguments<'get_pool_status'> = {}, options?: CallOptions) {
    return this.callTool('get_pool_status', args, options)
  }
  getQueueStatus(args: Arguments<'get_queue_status'> = {}, options?: CallOptions) {
    return this.callTool('get_queue_status', args, options)
  }
  listTemplates(args: Arguments<'list_templates'> = {}, options?: CallOptions) {
    return this.callTool('list_templates', args, options)
  }
  listScannerScans(args: Arguments<'list_scanner_scans'> = {}, options?: CallOptions) {
    return this.callTool('list_scanner_scans', args, options)
  }
  listScannerRuns(args: Arguments<'list_scanner_runs'>, options?: CallOptions) {
    return this.callTool('list_scanner_runs', args, options)
  }
  adoptScan(args: Arguments<'adopt_scan'>, options?: CallOptions) {
    return this.callTool('adopt_scan', args, options)
  }
  /** Takes a file that lies in the gateway's import directory; `importReport` sends one. */
  importScan(args: Arguments<'import_scan'>, options?: CallOptions) {
    return this.callTool('import_scan', args, options)
  }
}
