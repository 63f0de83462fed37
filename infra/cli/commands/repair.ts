/** `nessus-mcp repair`: fetches a report again that was damaged or lost on disk. */
import { Command } from 'commander'
import * as v from 'valibot'
import { loadSettings } from '../../../config/settings.ts'
import { check } from '../../../lib/base/check.ts'
import { silentLog } from '../../../lib/base/log.ts'
import { repairReport } from '../../../lib/scan-work/recover/repair-report.ts'
import { makeReports } from '../../../lib/reports/reports.ts'
import { makeSnapshots } from '../../../lib/scans/snapshots.ts'
import { TaskId } from '../../../lib/facts/task-id.ts'
import { print, printJson, runOperator } from '../operator/run-operator.ts'
import { randomHex } from '../../processes/services.ts'

const CACHE_BYTES = 1_048_576
const EXAMPLES = `
Compares the report on disk with the digest in the scan's record. When they differ, or the file is gone, it is exported
anew from the scanner, as long as the scan is still there and has not been run again. Safe to run again, and while
workers run.

Examples:
  nessus-mcp repair ns_local_20261121_093000_1f2e3d4c

Exit codes: 0 the report is sound now, 1 the scanner could not give it, 2 it cannot be had again.`

export function repairCommand(): Command {
  return new Command('repair')
    .description('fetch the report of an ended scan again, when its file was damaged or lost')
    .argument('<task_id>', 'the scan')
    .option('--json', 'machine-readable', false)
    .addHelpText('after', EXAMPLES)
    .action((text: string, flags: { json: boolean }) =>
      runOperator(async (operator) => {
        const taskId = check(v.object({ task_id: TaskId }), { task_id: text }, 'repair').task_id
        const settings = loadSettings(process.env)
        const { dataDir } = settings
        const result = await repairReport(taskId, {
          ...operator,
          reports: makeReports({ dataDir, cacheBytesMax: CACHE_BYTES, log: silentLog }),
          snapshots: makeSnapshots(dataDir, randomHex),
          bytesMax: settings.maxResultBytes,
          signal: new AbortController().signal,
        })
        if (flags.json) printJson({ task_id: taskId, result })
        else print(result === 'sound' ? `${taskId}: the report is sound.` : `${taskId}: the report was fetched again.`)
        return 0
      }),
    )
}
