/** All that the system does, on one screen. */
import type { AnyFunction } from '../lib/runtime/function.ts'
import type { ToolDefinition } from '../lib/runtime/tool.ts'
import admit from './scan/admit.ts'
import cleanUp from './scan/clean-up.ts'
import create from './scan/create.ts'
import enter from './scan/enter.ts'
import exportReport from './scan/export.ts'
import fail from './scan/fail.ts'
import forget from './scan/forget.ts'
import launch from './scan/launch.ts'
import poll from './scan/poll.ts'
import stop from './scan/stop.ts'
import validate from './scan/validate.ts'
import adoptScan from './tools/adopt-scan.ts'
import adoptScans from './tools/adopt-scans.ts'
import compareScans from './tools/compare-scans.ts'
import deleteScan from './tools/delete-scan.ts'
import downloadNativeScan from './tools/download-native-scan.ts'
import forgetScan from './tools/forget-scan.ts'
import getFinding from './tools/get-finding.ts'
import getPoolStatus from './tools/get-pool-status.ts'
import getQueueStatus from './tools/get-queue-status.ts'
import getScanResults from './tools/get-scan-results.ts'
import getScanSettings from './tools/get-scan-settings.ts'
import getScanStatus from './tools/get-scan-status.ts'
import importScan from './tools/import-scan.ts'
import listPolicies from './tools/list-policies.ts'
import listAdoptions from './tools/list-adoptions.ts'
import listPools from './tools/list-pools.ts'
import listScannerRuns from './tools/list-scanner-runs.ts'
import listScannerScans from './tools/list-scanner-scans.ts'
import listScanners from './tools/list-scanners.ts'
import listScans from './tools/list-scans.ts'
import listTasks from './tools/list-tasks.ts'
import listTemplates from './tools/list-templates.ts'
import pauseScan from './tools/pause-scan.ts'
import queryFindings from './tools/query-findings.ts'
import relaunchScan from './tools/relaunch-scan.ts'
import resumeScan from './tools/resume-scan.ts'
import runAuthenticatedScan from './tools/run-authenticated-scan.ts'
import runPrivilegedScan from './tools/run-privileged-scan.ts'
import runTrustedScan from './tools/run-trusted-scan.ts'
import runUntrustedScan from './tools/run-untrusted-scan.ts'
import searchFindings from './tools/search-findings.ts'
import stopScan from './tools/stop-scan.ts'
import summarizeScan from './tools/summarize-scan.ts'
import catchUp from './upkeep/catch-up.ts'
import expire from './upkeep/expire.ts'
import probe from './upkeep/probe.ts'
import scheduleAdoptions from './upkeep/schedule-adoptions.ts'
import sweep from './upkeep/sweep.ts'
import takeIn from './upkeep/take-in.ts'

/** The life of a scan, in its order. */
export const steps: readonly AnyFunction[] = [
  admit,
  create,
  launch,
  poll,
  exportReport,
  validate,
  stop,
  fail,
  enter,
  cleanUp,
  forget,
]

/** What runs by the clock, for the system as a whole. */
export const upkeep: readonly AnyFunction[] = [expire, sweep, probe, scheduleAdoptions, takeIn, catchUp]

/** What callers can ask for, in the order in which they are shown it. */
export const tools = [
  runUntrustedScan,
  runAuthenticatedScan,
  runTrustedScan,
  runPrivilegedScan,
  relaunchScan,
  getScanStatus,
  summarizeScan,
  getScanResults,
  getFinding,
  compareScans,
  queryFindings,
  searchFindings,
  getScanSettings,
  downloadNativeScan,
  listTasks,
  listScans,
  pauseScan,
  resumeScan,
  stopScan,
  deleteScan,
  listScanners,
  listPools,
  getPoolStatus,
  getQueueStatus,
  listTemplates,
  listPolicies,
  listScannerScans,
  listScannerRuns,
  adoptScan,
  adoptScans,
  listAdoptions,
  importScan,
  forgetScan,
] as unknown as readonly ToolDefinition[]

export const functions: readonly AnyFunction[] = [...steps, ...upkeep, ...tools]
