/** `nessus-mcp rebuild`: brings scans back into a Redis that lost them. */
import { Command } from 'commander'
import { loadSettings } from '../../../config/settings.ts'
import { rebuildScans } from '../../../lib/scan-work/recover/rebuild-scans.ts'
import { makeSnapshots } from '../../../lib/scans/snapshots.ts'
import { print, printJson, runOperator } from '../operator/run-operator.ts'
import { randomHex } from '../../processes/services.ts'

const EXAMPLES = `
Reads task.json of every scan in the data directory. Ended scans come back as they were; scans that waited or ran
are taken up again: those that were launched are found at their scanner. Scans that Redis knows are left alone, so it
may be run at any time, again, and while workers run. What was only in Redis does not come back: dead letters, and
credentials that were given with a scan that had not been created yet; such a scan fails and says so.

Examples:
  nessus-mcp rebuild --dry-run
  REDIS_URL=redis://localhost:6379 DATA_DIR=/var/lib/nessus-mcp nessus-mcp rebuild`

export function rebuildCommand(): Command {
  return new Command('rebuild')
    .description('restore scans from the data directory after Redis was lost')
    .option('--dry-run', 'only say what would be done', false)
    .option('--json', 'machine-readable', false)
    .addHelpText('after', EXAMPLES)
    .action((flags: { dryRun: boolean; json: boolean }) =>
      runOperator(async (operator) => {
        const { dataDir } = loadSettings(process.env)
        const snapshots = makeSnapshots(dataDir, randomHex)
        const report = await rebuildScans({ ...operator, snapshots, dryRun: flags.dryRun })
        if (flags.json) printJson(report)
        else {
          for (const { task_id, problem } of report.damaged) print(`${task_id}  left out: ${problem}`)
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
