import type { Command } from 'commander'
import { clientCommand, type GatewayFlags, onGateway } from './client-command.ts'
import { saveBody } from './save-body.ts'

const EXAMPLES = [
  'nessus-mcp download ns_local_20261121_093000_1f2e3d4c',
  'nessus-mcp download ns_local_20261121_093000_1f2e3d4c --output - | xmllint --noout -',
]

/** `nessus-mcp download`: the report as the scanner wrote it. */
export function downloadCommand(): Command {
  return clientCommand('download', 'save the .nessus report of a scan', EXAMPLES)
    .argument('<task-id>', 'the scan')
    .option('-o, --output <file>', 'where to (default: <task-id>.nessus; - is standard output)')
    .action((taskId: string, flags: GatewayFlags & { output?: string }) =>
      onGateway(flags, async (context) => {
        const { body } = await context.client.downloadReport(taskId, { signal: context.signal })
        return saveBody(body, { file: flags.output ?? `${taskId}.nessus`, taskId }, context)
      }),
    )
}
