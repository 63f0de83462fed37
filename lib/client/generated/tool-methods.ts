/** One typed method for every tool of the gateway, in the order in which the server lists them. Written by `npm run docs` from `functions/index.ts`: change the tool, not this file. */
import type { Arguments, CallOptions, Result, ToolName } from '../call.ts'

/** Every method throws ToolError (TaskNotFoundError for an unknown scan) or ConnectionError. */
export abstract class ToolMethods {
  /** Calls any tool by its name; a tool that this library does not know answers `unknown`. */
  abstract callTool<T extends ToolName>(tool: T, args: Arguments<T>, options?: CallOptions): Promise<Result<T>>
  abstract callTool(tool: string, args?: Readonly<Record<string, unknown>>, options?: CallOptions): Promise<unknown>

  /**
   * Start a network scan. Scans targets for vulnerabilities over the network, as an outsider, without credentials
   * (unauthenticated).
   */
  runUntrustedScan(args: Arguments<'run_untrusted_scan'>, options?: CallOptions) {
    return this.callTool('run_untrusted_scan', args, options)
  }

  /**
   * Start a scan that logs in. Credentialed scan of targets from inside: missing patches, software.
   * authenticated_privileged also becomes root (sudo), or is Windows administrator.
   */
  runAuthenticatedScan(args: Arguments<'run_authenticated_scan'>, options?: CallOptions) {
    return this.callTool('run_authenticated_scan', args, options)
  }

  /**
   * Start a scan with a plain login. Older name of run_authenticated_scan with scan_type authenticated: logs in
   * with username and password, or a key, and does not escalate.
   */
  runTrustedScan(args: Arguments<'run_trusted_scan'>, options?: CallOptions) {
    return this.callTool('run_trusted_scan', args, options)
  }

  /**
   * Start a scan that becomes root. Older name of run_authenticated_scan with scan_type authenticated_privileged:
   * logs in and becomes root or another account by escalation_method (sudo, su, …).
   */
  runPrivilegedScan(args: Arguments<'run_privileged_scan'>, options?: CallOptions) {
    return this.callTool('run_privileged_scan', args, options)
  }

  /**
   * Run a scan again. Repeats a scan that we ran and that has ended, with the same settings, on the same targets
   * or on others: a new scan with a task_id of its own.
   */
  relaunchScan(args: Arguments<'relaunch_scan'>, options?: CallOptions) {
    return this.callTool('relaunch_scan', args, options)
  }

  /**
   * Status of a scan. How far a scan is: running, queued, completed, failed, timeout or canceled; progress, place
   * in the queue, why it waits, is not starting or failed and what to do; date of start, end.
   */
  getScanStatus(args: Arguments<'get_scan_status'>, options?: CallOptions) {
    return this.callTool('get_scan_status', args, options)
  }

  /** Summary of a scan. */
  summarizeScan(args: Arguments<'summarize_scan'>, options?: CallOptions) {
    return this.callTool('summarize_scan', args, options)
  }

  /** Read findings. */
  getScanResults(args: Arguments<'get_scan_results'>, options?: CallOptions) {
    return this.callTool('get_scan_results', args, options)
  }

  /** Read one finding. One finding with every field. */
  getFinding(args: Arguments<'get_finding'>, options?: CallOptions) {
    return this.callTool('get_finding', args, options)
  }

  /** Compare two scans. */
  compareScans(args: Arguments<'compare_scans'>, options?: CallOptions) {
    return this.callTool('compare_scans', args, options)
  }

  /** Count, list and rank findings. How many, which, top, break down by: exact, complete. */
  queryFindings(args: Arguments<'query_findings'> = {}, options?: CallOptions) {
    return this.callTool('query_findings', args, options)
  }

  /**
   * Search all scans. Searches all scans that we hold for a CVE, plugin, host, port or words: are we exposed to
   * CVE-2021-44228, on which machines, first and last seen (since when, how old).
   */
  searchFindings(args: Arguments<'search_findings'> = {}, options?: CallOptions) {
    return this.callTool('search_findings', args, options)
  }

  /**
   * Settings of a scan. What was asked for in a scan: targets, template, type, priority, scanner, account or
   * credentials, secrets masked.
   */
  getScanSettings(args: Arguments<'get_scan_settings'>, options?: CallOptions) {
    return this.callTool('get_scan_settings', args, options)
  }

  /**
   * Report file of a scan. Where the .nessus report is: path on the server, size, SHA-256, and the path at the
   * gateway for a download with the same authorization.
   */
  downloadNativeScan(args: Arguments<'download_native_scan'>, options?: CallOptions) {
    return this.callTool('download_native_scan', args, options)
  }

  /**
   * List scans. Which scans we have, latest first: when each was run (date, start), task_id, name, status,
   * targets, policy.
   */
  listTasks(args: Arguments<'list_tasks'> = {}, options?: CallOptions) {
    return this.callTool('list_tasks', args, options)
  }

  /** List scans (older name). Older name of list_tasks: the same, with the same filters. */
  listScans(args: Arguments<'list_scans'> = {}, options?: CallOptions) {
    return this.callTool('list_scans', args, options)
  }

  /** Pause a scan. Pauses a running scan at its scanner. */
  pauseScan(args: Arguments<'pause_scan'>, options?: CallOptions) {
    return this.callTool('pause_scan', args, options)
  }

  /** Resume a scan. Lets a paused scan go on at its scanner. */
  resumeScan(args: Arguments<'resume_scan'>, options?: CallOptions) {
    return this.callTool('resume_scan', args, options)
  }

  /** Stop a scan. Cancels (aborts) a queued or running scan; what it found is kept if the scanner has it. */
  stopScan(args: Arguments<'stop_scan'>, options?: CallOptions) {
    return this.callTool('stop_scan', args, options)
  }

  /** Delete a scan. Removes a scan for good: record, report, and ours at the scanner. */
  deleteScan(args: Arguments<'delete_scan'>, options?: CallOptions) {
    return this.callTool('delete_scan', args, options)
  }

  /**
   * List scanners. Nessus scanners as configured: do they work (reachable, ready), is there room (running scans,
   * capacity), pool, address, version, whether the licence lets scans be launched here.
   */
  listScanners(args: Arguments<'list_scanners'> = {}, options?: CallOptions) {
    return this.callTool('list_scanners', args, options)
  }

  /** List scanner pools. Pools that scanners are grouped in, their size, and the default one. */
  listPools(args: Arguments<'list_pools'> = {}, options?: CallOptions) {
    return this.callTool('list_pools', args, options)
  }

  /**
   * Status of a scanner pool. How busy a pool is: capacity and running scans of all its scanners and of each,
   * scans waiting, dead letters (steps given up, for an operator).
   */
  getPoolStatus(args: Arguments<'get_pool_status'> = {}, options?: CallOptions) {
    return this.callTool('get_pool_status', args, options)
  }

  /**
   * Queue of a pool. Scans waiting for a scanner of a pool: count, the next ones (id, name, since), the longest
   * wait, dead letters.
   */
  getQueueStatus(args: Arguments<'get_queue_status'> = {}, options?: CallOptions) {
    return this.callTool('get_queue_status', args, options)
  }

  /**
   * List scan templates. Kinds of scan (templates) that a scanner can run under its licence; their names go into
   * the template argument of the run tools.
   */
  listTemplates(args: Arguments<'list_templates'> = {}, options?: CallOptions) {
    return this.callTool('list_templates', args, options)
  }

  /**
   * List scan policies. Policies that people saved at a Nessus scanner: ports, plugins, audits, performance and
   * credentials as they set them up.
   */
  listPolicies(args: Arguments<'list_policies'> = {}, options?: CallOptions) {
    return this.callTool('list_policies', args, options)
  }

  /** List scans on a scanner. */
  listScannerScans(args: Arguments<'list_scanner_scans'> = {}, options?: CallOptions) {
    return this.callTool('list_scanner_scans', args, options)
  }

  /**
   * Runs of a scan on a scanner. The history of a scan on a Nessus scanner: each run, past and present, with its
   * date, status, and history_id or history_uuid, by which adopt_scan takes in that very run.
   */
  listScannerRuns(args: Arguments<'list_scanner_runs'>, options?: CallOptions) {
    return this.callTool('list_scanner_runs', args, options)
  }

  /**
   * Take in a scan from a scanner. Takes in a scan that somebody made on the Nessus scanner itself, so that all
   * result tools work on it: its newest complete run, or the one that is named.
   */
  adoptScan(args: Arguments<'adopt_scan'>, options?: CallOptions) {
    return this.callTool('adopt_scan', args, options)
  }

  /**
   * Take in all new runs from a scanner. Takes in, in the background, every complete run of a folder, of a name
   * pattern, or with neither of the whole Nessus scanner, that is not here yet.
   */
  adoptScans(args: Arguments<'adopt_scans'> = {}, options?: CallOptions) {
    return this.callTool('adopt_scans', args, options)
  }

  /**
   * Progress of taking in runs. Progress of adopt_scans and of its schedules: per scanner the last adoption, how
   * many runs were taken in, how many were passed over and why, and what is in its way.
   */
  listAdoptions(args: Arguments<'list_adoptions'> = {}, options?: CallOptions) {
    return this.callTool('list_adoptions', args, options)
  }

  /**
   * Import a report file. Takes in an existing .nessus report, also gzipped or zipped, as a completed scan: all
   * result tools then work on it.
   */
  importScan(args: Arguments<'import_scan'> = {}, options?: CallOptions) {
    return this.callTool('import_scan', args, options)
  }

  /** Take back a scan. */
  forgetScan(args: Arguments<'forget_scan'>, options?: CallOptions) {
    return this.callTool('forget_scan', args, options)
  }
}
