import { defined } from '../../../lib/base/defined.ts'
import { type Command, Option } from 'commander'
import type { Arguments } from '../../../lib/client/call.ts'
import { clientCommand, type GatewayFlags, onGateway } from './client-command.ts'
import { wholeNumber } from './option-values.ts'
import { shortTime } from './terminal/amounts.ts'

const STATUSES = ['queued', 'running', 'completed', 'failed', 'timeout', 'canceled'] as const
const TYPES = ['untrusted', 'authenticated', 'authenticated_privileged'] as const

interface ListFlags extends GatewayFlags {
  readonly status?: (typeof STATUSES)[number]
  readonly type?: (typeof TYPES)[number]
  readonly pool?: string
  readonly target?: string
  readonly limit?: number
  readonly cursor?: string
}

const EXAMPLES = [
  'nessus-mcp list',
  'nessus-mcp list --status failed --limit 10',
  'nessus-mcp list --target 10.0.0.5            scans that cover this address',
  'nessus-mcp list | cut -f1                    piped: task id, status, progress, … between tabs',
]

/** `nessus-mcp list`: the scans there are, newest first. */
export function listCommand(): Command {
  return clientCommand('list', 'list scans, newest first', EXAMPLES)
    .addOption(new Option('--status <status>', 'only scans in this status').choices(STATUSES))
    .addOption(new Option('--type <type>', 'only scans of this type').choices(TYPES))
    .option('--pool <name>', 'only scans of this pool')
    .option('--target <address>', 'only scans that cover this address, network or host name')
    .option('--limit <number>', 'scans to show (default: 50)', wholeNumber)
    .option('--cursor <cursor>', 'where the page before ended')
    .action((flags: ListFlags) =>
      onGateway(flags, async ({ client, output, signal }) => {
        const list = await client.listTasks(argumentsOf(flags), { signal })
        if (output.json) return output.writeJson(list)
        output.writeTable(
          [
            { title: 'task', value: (scan) => scan.task_id },
            {
              title: 'status',
              value: (scan) => scan.status,
              style: (cell, { status }) => output.style(colourOf(status), cell),
            },
            { title: '%', value: (scan) => (scan.progress === null ? '' : Math.floor(scan.progress)), align: 'right' },
            { title: 'found', value: (scan) => scan.total_vulnerabilities, align: 'right' },
            { title: 'created', value: (scan) => shortTime(scan.created_at) },
            { title: 'targets', value: (scan) => scan.targets },
            { title: 'name', value: (scan) => scan.name },
          ],
          list.tasks,
        )
        if (list.next_cursor)
          output.note(`${list.tasks.length} of ${list.total}. Older ones: --cursor ${list.next_cursor}`)
        else if (list.total === 0) output.note('No scans. Start one: nessus-mcp scan <targets>')
      }),
    )
}

function argumentsOf({ status, type, pool, target, limit, cursor }: ListFlags): Arguments<'list_tasks'> {
  return {
    ...defined({ status, scan_type: type, scanner_pool: pool, target_filter: target, limit, cursor }),
  }
}

function colourOf(status: string): 'green' | 'cyan' | 'red' | 'yellow' {
  if (status === 'completed') return 'green'
  if (status === 'queued' || status === 'running') return 'cyan'
  return status === 'canceled' ? 'yellow' : 'red'
}
