import { createInterface } from 'node:readline/promises'
import type { Command } from 'commander'
import { EXIT } from './exit-codes.ts'
import { clientCommand, type GatewayFlags, onGateway } from './client-command.ts'

interface DeleteFlags extends GatewayFlags {
  readonly force?: boolean
  readonly yes?: boolean
  readonly mistaken?: boolean
}

const EXAMPLES = [
  'nessus-mcp delete ns_local_20261121_093000_1f2e3d4c',
  'nessus-mcp delete ns_local_20261121_093000_1f2e3d4c --force --yes',
]

/** `nessus-mcp delete`: removes a scan for good. On a terminal it asks first. */
export function deleteCommand(): Command {
  return clientCommand('delete', 'delete a scan and its results for good', EXAMPLES)
    .argument('<task-id>', 'the scan')
    .option('--force', 'also a running one: it is stopped first')
    .option('--mistaken', 'take it back: out of the ledger too, as if it had never been')
    .option('--yes', 'do not ask')
    .action((taskId: string, flags: DeleteFlags) =>
      onGateway(flags, async ({ client, output, signal }) => {
        if (!flags.yes && process.stdin.isTTY && !(await confirmed(taskId, signal))) return EXIT.failure
        if (flags.mistaken) {
          const forgotten = await client.forgetScan({ task_id: taskId }, { signal })
          if (output.json) output.writeJson(forgotten)
          else output.write(`${taskId}: taken back\n`)
          return EXIT.ok
        }
        const deleted = await client.deleteScan({ task_id: taskId, force: flags.force === true }, { signal })
        if (output.json) output.writeJson(deleted)
        else output.write(`${taskId}: ${deleted.deleted ? 'deleted' : 'is being stopped and will then be deleted'}\n`)
        return EXIT.ok
      }),
    )
}

async function confirmed(taskId: string, signal: AbortSignal): Promise<boolean> {
  const prompt = createInterface({ input: process.stdin, output: process.stderr })
  try {
    const answer = await prompt.question(`Delete ${taskId} with its results, for good? [y/N] `, { signal })
    return /^y(?:es)?$/i.test(answer.trim())
  } finally {
    prompt.close()
  }
}
