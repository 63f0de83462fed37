/** `nessus-mcp give-up`: ends a scan whose stop the scanner does not confirm. */
import { Command } from 'commander'
import * as v from 'valibot'
import { check } from '../../../lib/base/check.ts'
import { giveUpScan } from '../../../lib/scan-work/end/give-up.ts'
import { TaskId } from '../../../lib/facts/task-id.ts'
import { print, printJson, runOperator } from '../operator/run-operator.ts'

const EXAMPLES = `
A scan that was told to stop keeps its place on its scanner until it is seen to have stopped, however long the scanner
is away. This ends it at once: its place is free, its status says that it may still run, and its clean-up goes on trying
to stop it. Look at the scanner first.

Examples:
  nessus-mcp give-up ns_local_20261121_093000_1f2e3d4c`

export function giveUpCommand(): Command {
  return new Command('give-up')
    .description('end a scan that was told to stop, and is not seen to have stopped')
    .argument('<task_id>', 'the scan')
    .option('--json', 'machine-readable', false)
    .addHelpText('after', EXAMPLES)
    .action((text: string, flags: { json: boolean }) =>
      runOperator(async (operator) => {
        const taskId = check(v.object({ task_id: TaskId }), { task_id: text }, 'give-up').task_id
        const { status, failure } = await giveUpScan(
          taskId,
          `operator ${process.env['SUDO_USER'] ?? process.env['USER'] ?? ''}`.trim(),
          operator,
        )
        if (flags.json) printJson({ task_id: taskId, status, message: failure?.message })
        else print(`${taskId} has ended as ${status}: ${failure?.message ?? ''}. ${failure?.remedy ?? ''}`)
        return 0
      }),
    )
}
