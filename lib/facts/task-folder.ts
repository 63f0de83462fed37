/**
 * Every file of a scan, by its one name, and where uploads wait to become one.
 * A task id is checked before it is ever joined to a path, so no caller can
 * reach outside the data directory.
 */
import { join } from 'node:path'
import { Refusal } from '../base/errors.ts'
import { isTaskId } from './task-id.ts'

/** A value echoed in an error is cut here, so that an error never grows with its input. */
const ECHO_CHARS_MAX = 80

export const NATIVE_NAME = 'scan_native.nessus'
export const SNAPSHOT_NAME = 'task.json'

export interface TaskFolder {
  readonly taskId: string
  readonly path: string
  /** The report as the scanner wrote it. */
  readonly native: string
  /** What was asked of the scan, kept so that a rebuilt store judges the report as the first one did. */
  readonly expectation: string
  readonly store: string
  /** The record, as it was at its last change of status or step. */
  readonly snapshot: string
  /** Of a scan in debug mode: what was said to its scanner. */
  readonly scannerLogs: string
  readonly scannerLog: string
}

/** The folder of `taskId` under `dataDir`. Throws a {@link Refusal} on anything that is not a task id. */
export function taskFolder(dataDir: string, taskId: string): TaskFolder {
  if (typeof taskId !== 'string' || !isTaskId(taskId)) {
    const came = JSON.stringify(String(taskId).slice(0, ECHO_CHARS_MAX))
    throw new Refusal(
      'invalid_argument',
      `task_id: expected the form ns_<instance>_<YYYYMMDD>_<HHMMSS>_<8 hex digits>, got ${came}`,
    )
  }
  const path = join(dataDir, taskId)
  const scannerLogs = join(path, 'scanner_logs')
  return {
    taskId,
    path,
    native: join(path, NATIVE_NAME),
    expectation: join(path, 'findings.expectation.json'),
    store: join(path, 'findings.store'),
    snapshot: join(path, SNAPSHOT_NAME),
    scannerLogs,
    scannerLog: join(scannerLogs, 'nessus_api.log'),
  }
}

/** Where uploads wait for `import_scan`. */
export function incomingFolder(dataDir: string): string {
  return join(dataDir, 'incoming')
}

/** The index of the latest looks, over the reports of all scans. */
export function latestPath(dataDir: string): string {
  return join(dataDir, 'latest.looks')
}

/** The records of the ledger, which outlive the reports they were made of. */
export function ledgerFolder(dataDir: string): string {
  return join(dataDir, 'ledger')
}

/** The lives of all findings, made of those records. */
export function livesPath(dataDir: string): string {
  return join(dataDir, 'ledger.lives')
}
