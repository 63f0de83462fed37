import type { Command } from 'commander'
import { clientCommand, type GatewayFlags, onGateway } from './client-command.ts'

const EXAMPLES = ['nessus-mcp stop ns_local_20261121_093000_1f2e3d4c']

/** `nessus-mcp stop`: ends a scan; what it had found is kept where the scanner has it. */
export function stopCommand(): Command {
  return clientCommand('stop', 'stop a queued or running scan', EXAMPLES)
    .argument('<task-id>', 'the scan')
    .action((taskId: string, flags: GatewayFlags) =>
      onGateway(flags, async ({ client, output, signal }) => {
        const stopped = await client.stopScan({ task_id: taskId }, { signal })
        if (output.json) return output.writeJson(stopped)
        output.write(`${taskId}: ${stopped.stopping ? 'stopping' : stopped.status}\n`)
        if (stopped.stopping) output.note(`See it end: nessus-mcp status ${taskId} --watch`)
      }),
    )
}
