import { defined } from '../../../lib/base/defined.ts'
import type { Command } from 'commander'
import { clientCommand, type GatewayFlags, onGateway } from './client-command.ts'

const EXAMPLES = [
  'nessus-mcp scanners',
  'nessus-mcp scanners --pool dmz --all',
  "nessus-mcp scanners --json | jq '.scanners[] | .problem'",
]

/** `nessus-mcp scanners`: the configured scanners, asked how they are. */
export function scannersCommand(): Command {
  return clientCommand('scanners', 'list scanners, whether they can be used, and how busy they are', EXAMPLES)
    .option('--pool <name>', 'only scanners of this pool')
    .option('--all', 'also disabled ones')
    .action((flags: GatewayFlags & { pool?: string; all?: boolean }) =>
      onGateway(flags, async ({ client, output, signal }) => {
        const query = {
          enabled_only: flags.all !== true,
          ...defined({ scanner_pool: flags.pool }),
        }
        const { scanners, total } = await client.listScanners(query, { signal })
        if (output.json) return output.writeJson({ scanners, total })
        output.writeTable(
          [
            { title: 'scanner', value: (scanner) => `${scanner.scanner_pool}/${scanner.instance_id}` },
            {
              title: 'state',
              value: stateOf,
              style: (cell, scanner) => output.style(scanner.ready ? 'green' : 'red', cell),
            },
            {
              title: 'launch',
              value: (scanner) => (scanner.account_role === 'basic' ? 'not (role basic)' : scanner.launch),
            },
            {
              title: 'busy',
              value: (scanner) => `${scanner.active_scans}/${scanner.max_concurrent_scans}`,
              align: 'right',
            },
            { title: 'version', value: (scanner) => scanner.version },
            { title: 'url', value: (scanner) => scanner.url },
          ],
          scanners,
        )
        for (const { instance_id: id, problem } of scanners) if (problem !== null) output.note(`${id}: ${problem}`)
        if (total === 0)
          output.note(
            'No scanners. Configure some in config/scanners.yaml, or try `nessus-mcp up` for a simulated one.',
          )
      }),
    )
}

function stateOf({ enabled, reachable, ready }: { enabled: boolean; reachable: boolean; ready: boolean }): string {
  if (!enabled) return 'disabled'
  if (!reachable) return 'unreachable'
  return ready ? 'ready' : 'not ready'
}
