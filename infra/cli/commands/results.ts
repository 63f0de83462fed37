import { defined } from '../../../lib/base/defined.ts'
import { type Command, Option } from 'commander'
import { PermanentError } from '../../../lib/base/errors.ts'
import type { NessusClient, ResultsQuery } from '../../../lib/client/nessus-client.ts'
import type { Finding, ScanResults } from '../../../lib/client/scan-results.ts'
import { fieldColumns, findingColumns, TABLE_FIELDS } from './finding-columns.ts'
import { type CommandContext, clientCommand, type GatewayFlags, onGateway } from './client-command.ts'
import { addFilter, type Filters, wholeNumber, listOption } from './option-values.ts'
import { severityLine } from './severity.ts'
import { cleanText } from './terminal/clean-text.ts'
import type { Output } from './terminal/output.ts'
import { EXPORT_FORMATS, EXPORT_NAMES, type ExportName } from '../../../lib/facts/export-formats.ts'
import { saveBody } from './save-body.ts'
import { PROFILE_NAMES, type ProfileName } from '../../../lib/facts/profiles.ts'

interface ResultsFlags extends GatewayFlags {
  readonly filter?: Filters
  readonly fields?: string[]
  readonly profile?: ProfileName
  readonly page?: number
  readonly pageSize?: number
  readonly sort?: string[]
  readonly all?: boolean
  readonly jsonl?: boolean
  readonly format?: ExportName
  readonly output?: string
}

const EXAMPLES = [
  'nessus-mcp results <task-id>',
  "nessus-mcp results <task-id> --filter 'severity>=3' --filter exploit_available=true",
  'nessus-mcp results <task-id> --filter severity=High --filter severity=Critical --sort -cvss_score',
  'nessus-mcp results <task-id> --all --fields host,port,plugin_name > findings.tsv',
  'nessus-mcp results <task-id> --all --profile full --jsonl > findings.jsonl',
  "nessus-mcp results <task-id> --format xlsx --output findings.xlsx --filter 'severity>=3'",
  'nessus-mcp results <task-id> --format sarif --output findings.sarif',
]

/** `nessus-mcp results`: the findings of a scan, as a table, tab-separated lines, JSON, JSON lines, or a file in another format. */
export function resultsCommand(): Command {
  return clientCommand('results', 'read the findings of a scan', EXAMPLES)
    .argument('<task-id>', 'the scan')
    .option('--filter <field=value>', 'only findings that meet it; again for more conditions', addFilter)
    .option('--fields <names>', 'show these fields', listOption)
    .addOption(new Option('--profile <name>', 'fields by profile').choices(PROFILE_NAMES))
    .option('--page <number>', 'page to show', wholeNumber)
    .option('--page-size <number>', 'findings per page, 10 to 100', wholeNumber)
    .option('--sort <fields>', 'sort by these; - in front for descending', listOption)
    .option('--all', 'all pages')
    .option('--jsonl', 'answer in JSON lines, as the tool does')
    .addOption(new Option('--format <name>', 'all that match, as a file for other programs').choices(EXPORT_NAMES))
    .option('-o, --output <file>', 'where to write it (with --format; default: standard output)')
    .action((taskId: string, flags: ResultsFlags) =>
      onGateway(flags, async (context) => {
        if (flags.format !== undefined) return writeExport(taskId, flags.format, flags, context)
        if (flags.output !== undefined) throw new PermanentError('Give --format along with --output.')
        const query = queryOf(flags, context.output)
        if (flags.jsonl) return writeLines(taskId, query, flags, context)
        if (context.output.json) return writeJson(taskId, query, flags, context)
        return writeTable(taskId, query, flags, context)
      }),
    )
}

function queryOf(flags: ResultsFlags, { json }: Output): ResultsQuery {
  if (flags.all && flags.page !== undefined) throw new PermanentError('Give --all or --page, not both.')
  if (flags.json && flags.jsonl) throw new PermanentError('Give --json or --jsonl, not both.')
  const chosen = flags.fields ?? (flags.profile !== undefined || json || flags.jsonl ? undefined : TABLE_FIELDS)
  return {
    ...defined({
      filters: flags.filter,
      custom_fields: chosen,
      schema_profile: flags.profile,
      page: flags.page,
      page_size: flags.pageSize,
      sort: flags.sort,
    }),
  }
}

async function writeExport(taskId: string, format: ExportName, flags: ResultsFlags, context: CommandContext) {
  const others = (['page', 'pageSize', 'json', 'jsonl'] as const).filter((name) => flags[name] !== undefined)
  if (others.length > 0)
    throw new PermanentError(`--format writes all that match, in a form of its own: leave out --${others[0]}.`)
  const isBinary = format === 'xlsx'
  if (isBinary && flags.output === undefined && context.output.terminal) {
    throw new PermanentError(`A workbook is no text: give --output findings.${EXPORT_FORMATS[format].extension}.`)
  }
  const asked = defined({
    filters: flags.filter,
    sort: flags.sort,
    custom_fields: flags.fields,
    schema_profile: flags.profile,
  })
  const { body } = await context.client.exportResults(taskId, { format, ...asked }, { signal: context.signal })
  await saveBody(body, { file: flags.output ?? '-', taskId }, context)
}

async function writeLines(
  taskId: string,
  query: ResultsQuery,
  { all }: ResultsFlags,
  { client, output, signal }: CommandContext,
) {
  if (!all) {
    output.write(`${await client.getScanResults({ ...query, task_id: taskId }, { signal })}\n`)
    return
  }
  for await (const page of pages(client, taskId, query, signal)) {
    if (page.pagination?.page === 1) {
      output.writeJson(page.schema)
      output.writeJson(page.metadata)
    }
    for (const finding of page.findings) output.writeJson(finding)
  }
}

/** All findings in one list need room: the command line has more than a model, and a larger report is better read in lines. */
async function writeJson(
  taskId: string,
  query: ResultsQuery,
  { all }: ResultsFlags,
  { client, output, signal }: CommandContext,
) {
  if (!all) {
    output.writeJson(await client.getResults(taskId, query, { signal }))
    return
  }
  const findings: Finding[] = []
  let first: ScanResults | undefined
  for await (const page of pages(client, taskId, query, signal)) {
    first ??= page
    findings.push(...page.findings)
  }
  output.writeJson({ schema: first?.schema, metadata: first?.metadata, findings })
}

async function writeTable(
  taskId: string,
  query: ResultsQuery,
  flags: ResultsFlags,
  { client, output, signal }: CommandContext,
) {
  const source = flags.all ? pages(client, taskId, query, signal) : [await client.getResults(taskId, query, { signal })]
  let head = true
  for await (const { schema, metadata, findings, pagination } of source) {
    const columns = query.custom_fields === TABLE_FIELDS ? findingColumns(output.style) : fieldColumns(schema.fields)
    if (head && output.terminal) {
      output.write(
        `${cleanText(metadata.scan_name)}: ${severityLine({ ...metadata, hosts_scanned: metadata.hosts }, output.style)}\n\n`,
      )
    }
    head = false
    output.writeTable(columns, findings)
    for (const warning of metadata.warnings) if (pagination?.page === 1) output.note(`Warning: ${warning}`)
    if (pagination?.has_next && !flags.all) {
      output.note(
        `Page ${pagination.page} of ${pagination.total_pages}. Next: --page ${pagination.page + 1}, or --all.`,
      )
    }
    if (findings.length === 0) output.note('No finding matches.')
  }
}

async function* pages(
  client: NessusClient,
  taskId: string,
  query: ResultsQuery,
  signal: AbortSignal,
): AsyncGenerator<ScanResults> {
  let page: number | null = 1
  while (page !== null) {
    const results: ScanResults = await client.getResults(
      taskId,
      { page_size: 100, max_chars: PAGE_CHARS, ...query, page },
      { signal },
    )
    yield results
    page = results.pagination?.next_page ?? null
  }
}

const PAGE_CHARS = 8 * 1024 * 1024
