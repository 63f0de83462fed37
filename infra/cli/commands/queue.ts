import type { Command } from 'commander'
import { clientCommand, type GatewayFlags, onGateway } from './client-command.ts'
import { count, durationText } from './terminal/amounts.ts'

const EXAMPLES = ['nessus-mcp queue', 'nessus-mcp queue --pool dmz']

/** `nessus-mcp queue`: the scans that wait in a pool, first in line first. */
export function queueCommand(): Command {
  return clientCommand('queue', 'show what waits in a pool', EXAMPLES)
    .option('--pool <name>', 'the pool (default: the default pool)')
    .action((flags: GatewayFlags & { pool?: string }) =>
      onGateway(flags, async ({ client, output, signal }) => {
        const queue = await client.getQueueStatus(flags.pool === undefined ? {} : { scanner_pool: flags.pool }, {
          signal,
        })
        if (output.json) return output.writeJson(queue)
        output.writeTable(
          [
            { title: '#', value: (scan) => scan.position, align: 'right' },
            { title: 'task', value: (scan) => scan.task_id },
            { title: 'waiting', value: (scan) => durationText(scan.waiting_seconds * 1000), align: 'right' },
            { title: 'priority', value: (scan) => scan.priority, align: 'right' },
            { title: 'scanner', value: (scan) => scan.pinned_instance ?? 'any' },
            { title: 'name', value: (scan) => scan.name },
          ],
          queue.next_scans,
        )
        output.note(`Pool ${queue.scanner_pool}: ${count(queue.queue_depth, 'scan')} waiting.`)
        if (queue.dead_letters > 0) output.note(`${count(queue.dead_letters, 'dead letter')}: see nessus-mcp dead list`)
      }),
    )
}
