import { defined } from '../../../lib/base/defined.ts'
import { type Command, InvalidArgumentError, Option } from 'commander'
import { SCANNER_STATUSES } from '../../../lib/facts/scanner-statuses.ts'
import { type CommandContext, clientCommand, type GatewayFlags, onGateway } from './client-command.ts'
import { wholeNumber } from './option-values.ts'
import { shortTime } from './terminal/amounts.ts'

interface OnScannerFlags extends GatewayFlags {
  readonly scanner?: string
  readonly pool?: string
  readonly folder?: string
  readonly status?: (typeof SCANNER_STATUSES)[number]
  readonly name?: string
  readonly since?: string
  readonly until?: string
  readonly limit?: number
  readonly cursor?: string
}

const EXAMPLES = [
  'nessus-mcp on-scanner --scanner one',
  'nessus-mcp on-scanner --folder Audits --status completed --since 2026-11-01',
  "nessus-mcp on-scanner --name 'weekly*'        * stands for any text",
  'nessus-mcp on-scanner 12                      the runs of scan 12',
]

/** `nessus-mcp on-scanner`: what lies on a scanner, whoever made it, and the runs of one such scan. */
export function onScannerCommand(): Command {
  return clientCommand('on-scanner', 'list the scans on a scanner, or the runs of one of them', EXAMPLES)
    .argument('[scan]', 'id of a scan there: lists its runs', wholeNumber)
    .option('--scanner <instance>', 'the scanner; needed only where there are several')
    .option('--pool <name>', 'its pool, where names repeat')
    .option('--folder <name>', 'only scans in this folder')
    .addOption(new Option('--status <status>', 'only scans in this status').choices(SCANNER_STATUSES))
    .option('--name <pattern>', 'only scans with this in their name, or with * all of it')
    .option('--since <date>', 'last changed then or later')
    .option('--until <date>', 'last changed then or before')
    .option('--limit <number>', 'to show (default: 50)', wholeNumber)
    .option('--cursor <cursor>', 'where the page before ended')
    .action((scan: number | undefined, flags: OnScannerFlags) =>
      onGateway(flags, (context) => (scan === undefined ? listScans(flags, context) : listRuns(scan, flags, context))),
    )
}

async function listScans(flags: OnScannerFlags, { client, output, signal }: CommandContext): Promise<void> {
  const { folder, status, name, since, until } = flags
  const filters = { folder, status, name_filter: name, modified_since: since, modified_until: until }
  const list = await client.listScannerScans({ ...whereOf(flags), ...defined(filters) }, { signal })
  if (output.json) return output.writeJson(list)
  output.writeTable(
    [
      { title: 'scan', value: (row) => row.scanner_scan_id },
      { title: 'status', value: (row) => row.status },
      { title: 'changed', value: (row) => (row.last_modified_at === null ? '' : shortTime(row.last_modified_at)) },
      { title: 'folder', value: (row) => row.folder },
      { title: 'name', value: (row) => row.name },
    ],
    list.scans,
  )
  more(list.scans.length, list, output)
}

async function listRuns(scan: number, flags: OnScannerFlags, context: CommandContext): Promise<void> {
  const { client, output, signal } = context
  const { folder, status, name, since, until } = flags
  if (Object.keys(defined({ folder, status, name, since, until })).length > 0) {
    throw new InvalidArgumentError('The filters are for the list of scans: leave out the id of a scan, or the filters.')
  }
  const list = await client.listScannerRuns({ ...whereOf(flags), scanner_scan_id: scan }, { signal })
  if (output.json) return output.writeJson(list)
  output.writeTable(
    [
      { title: 'run', value: (row) => row.history_id },
      { title: 'status', value: (row) => row.status },
      { title: 'started', value: (row) => (row.started_at === null ? '' : shortTime(row.started_at)) },
      { title: 'uuid', value: (row) => row.history_uuid },
    ],
    list.runs,
  )
  more(list.runs.length, list, output)
}

function whereOf({ scanner, pool, limit, cursor }: OnScannerFlags) {
  return defined({ scanner_instance: scanner, scanner_pool: pool, limit, cursor })
}

function more(
  shown: number,
  { total, next_cursor: cursor }: { readonly total: number; readonly next_cursor: string | null },
  output: CommandContext['output'],
): void {
  if (cursor !== null) output.note(`${shown} of ${total}. Earlier ones: --cursor ${cursor}`)
  else if (total === 0) output.note('None.')
}
