/** All that the system does, on one screen. */
import type { AnyFunction } from '../lib/functions/function.ts'
import type { ToolDefinition } from '../lib/functions/tool.ts'
import admit from './scan/admit.ts'
import cleanUp from './scan/clean-up.ts'
import create from './scan/create.ts'
import exportReport from './scan/export.ts'
import fail from './scan/fail.ts'
import launch from './scan/launch.ts'
import poll from './scan/poll.ts'
import stop from './scan/stop.ts'
import validate from './scan/validate.ts'
import getScanResults from './tools/get-scan-results.ts'
import getScanStatus from './tools/get-scan-status.ts'
import listScanners from './tools/list-scanners.ts'
import listTasks from './tools/list-tasks.ts'
import runUntrustedScan from './tools/run-untrusted-scan.ts'

/** The life of a scan, in its order. */
export const steps: readonly AnyFunction[] = [admit, create, launch, poll, exportReport, validate, stop, fail, cleanUp]

export const tools = [
  runUntrustedScan,
  getScanStatus,
  getScanResults,
  listTasks,
  listScanners,
] as unknown as readonly ToolDefinition[]

export const functions: readonly AnyFunction[] = [...steps, ...tools]
