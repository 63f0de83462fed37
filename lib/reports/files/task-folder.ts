/**
 * Where one scan's files live. A task id is checked before it is ever joined
 * to a path, so no caller can reach outside the data directory.
 */
import { join } from 'node:path'
import { Refusal } from '../../base/errors.ts'

const TASK_ID = /^[a-z]{2}_[A-Za-z0-9-]{1,32}_\d{8}_\d{6}_[0-9a-f]{8}$/
/** A value echoed in an error is cut here, so that an error never grows with its input. */
const ECHO_CHARS_MAX = 80

export interface TaskFolder {
  readonly taskId: string
  readonly path: string
  /** The report as the scanner wrote it. */
  readonly native: string
  /** What was asked of the scan, kept so that a rebuilt store judges the report as the first one did. */
  readonly expectation: string
  readonly store: string
}

/** The folder of `taskId` under `dataDir`. Throws a {@link Refusal} on anything that is not a task id. */
export function taskFolder(dataDir: string, taskId: string): TaskFolder {
  if (typeof taskId !== 'string' || !TASK_ID.test(taskId)) {
    const came = JSON.stringify(String(taskId).slice(0, ECHO_CHARS_MAX))
    throw new Refusal(
      'invalid_argument',
      `task_id: expected the form ns_<instance>_<YYYYMMDD>_<HHMMSS>_<8 hex digits>, got ${came}`,
    )
  }
  const path = join(dataDir, taskId)
  return {
    taskId,
    path,
    native: join(path, 'scan_native.nessus'),
    expectation: join(path, 'findings.expectation.json'),
    store: join(path, 'findings.store'),
  }
}
