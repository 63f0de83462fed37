import type { Command } from 'commander'
import { hasEnded } from '../../../lib/client/wait-for-completion.ts'
import { EXIT } from './exit-codes.ts'
import { followScan, progressText } from './follow-scan.ts'
import { clientCommand, type GatewayFlags, onGateway } from './client-command.ts'
import { secondsToMs } from './option-values.ts'
import { showOutcome } from './show-outcome.ts'
import { cleanText } from './terminal/clean-text.ts'

const EXAMPLES = [
  'nessus-mcp status ns_local_20261121_093000_1f2e3d4c',
  'nessus-mcp status ns_local_20261121_093000_1f2e3d4c --watch',
  'nessus-mcp status ns_local_20261121_093000_1f2e3d4c --json | jq .progress',
]

/** `nessus-mcp status`: how a scan is doing, and with `--watch` how it ends. */
export function statusCommand(): Command {
  return clientCommand('status', 'show how a scan is doing', EXAMPLES)
    .argument('<task-id>', 'the scan')
    .option('--watch', 'follow it until it has ended')
    .option('--timeout <seconds>', 'give up watching after so long', secondsToMs)
    .action((taskId: string, flags: GatewayFlags & { watch?: boolean; timeout?: number }) =>
      onGateway(flags, async (context) => {
        const { client, output, signal } = context
        if (flags.watch) {
          return followScan(taskId, context, flags.timeout === undefined ? {} : { timeoutMs: flags.timeout })
        }
        const status = await client.getStatus(taskId, { signal })
        const ended = hasEnded(status.status)
        if (output.json) output.writeJson(status)
        else if (ended) await showOutcome(status, context)
        else {
          const progress = status.progress === null ? '' : ` ${Math.floor(status.progress)}%`
          output.write(`${cleanText(status.name)} (${taskId}): ${status.status}${progress}\n`)
          output.write(`  ${cleanText(progressText(status, Date.now()))}\n`)
        }
        return ended && status.status !== 'completed' ? EXIT.scanNotCompleted : EXIT.ok
      }),
    )
}
