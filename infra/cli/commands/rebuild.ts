/** `nessus-mcp rebuild`: brings scans back into a Redis that lost them. */
import { Command } from 'commander'
import { loadSettings } from '../../../config/settings.ts'
import { rebuildScans } from '../../../lib/scan-work/recover/rebuild-scans.ts'
import { silentLog } from '../../../lib/base/log.ts'
import { makeMetrics } from '../../../lib/observe/metrics.ts'
import { makeSnapshots } from '../../../lib/scans/snapshots.ts'
import { print, printJson, runOperator } from '../operator/run-operator.ts'
import { makeScannerRegistry, randomHex } from '../../processes/services.ts'

const EXAMPLES = `
Reads task.json of every scan in the data directory. Ended scans come back as they were; scans that waited or ran
are taken up again: those that were launched are found at their scanner. Scans that Redis knows are left alone, so it
may be run at any time, again, and while workers run; but a record that cannot be read is put back as task.json says,
and a scan that is missing in a list, queue or slot is put there. What was only in Redis does not come back: dead letters, and
credentials that were given with a scan that had not been created yet; such a scan fails and says so.

Examples:
  nessus-mcp rebuild --dry-run
  REDIS_URL=redis://localhost:6379 DATA_DIR=/var/lib/nessus-mcp nessus-mcp rebuild

Exit codes: 0 every scan is there, 1 some were left out and are named, 2 wrong use.`

export function rebuildCommand(): Command {
  return new Command('rebuild')
    .description('restore scans from the data directory after Redis was lost')
    .option('--dry-run', 'only say what would be done', false)
    .option('--json', 'machine-readable', false)
    .addHelpText('after', EXAMPLES)
    .action((flags: { dryRun: boolean; json: boolean }) =>
      runOperator(async (operator) => {
        const settings = loadSettings(process.env)
        const snapshots = makeSnapshots(settings.dataDir, randomHex)
        const scanners = makeScannerRegistry(settings, makeMetrics({ log: silentLog }), silentLog)
        const report = await rebuildScans({ ...operator, snapshots, scanners, dryRun: flags.dryRun })
        await scanners.close()
        if (flags.json) printJson(report)
        else {
          for (const { task_id, problem } of report.damaged) print(`${task_id}  left out: ${problem}`)
          for (const { task_id, problem } of report.mended)
            print(`${task_id}  put back as its task.json says: ${problem}`)
          for (const id of report.without_credentials)
            print(`${id}  will fail: its credentials are gone; start it again`)
          if (report.snapshots_written > 0)
            print(`${report.snapshots_written} scans that Redis knows had lost their task.json.`)
          const verb = flags.dryRun ? 'would come back' : 'came back'
          print(
            `${report.restored} scans ${verb}, ${report.resumed} of them go on; ${report.known} were there already.`,
          )
        }
        return report.damaged.length === 0 ? 0 : 1
      }),
    )
}
