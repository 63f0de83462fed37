import { defined } from '../../../lib/base/defined.ts'
import { type Command, InvalidArgumentError } from 'commander'
import type { Result } from '../../../lib/client/call.ts'
import { type CommandContext, clientCommand, type GatewayFlags, onGateway } from './client-command.ts'
import { wholeNumber } from './option-values.ts'
import { cleanText } from './terminal/clean-text.ts'

interface AdoptFlags extends GatewayFlags {
  readonly scanner?: string
  readonly pool?: string
  readonly run?: number
  readonly folder?: string
  readonly name?: string
  readonly all?: boolean
  readonly since?: string
  readonly partial?: boolean
  readonly limit?: number
  readonly stop?: boolean
  readonly progress?: boolean
}

const EXAMPLES = [
  'nessus-mcp adopt 12                              the newest complete run of scan 12 of the scanner',
  'nessus-mcp adopt 12 --run 31                     this run of it (see on-scanner 12)',
  'nessus-mcp adopt --folder Audits --since 2026-01-01',
  "nessus-mcp adopt --name 'weekly*'                every run that is not here yet, in the background",
  'nessus-mcp adopt --progress                      how far that is, and what was passed over',
]

/** `nessus-mcp adopt`: takes in one run of a scan that people made, or all that are not here yet. */
export function adoptCommand(): Command {
  return clientCommand('adopt', 'take in what people ran on a scanner', EXAMPLES)
    .argument('[scan]', 'id of a scan there; without it, all new runs of a folder, a name or the scanner', wholeNumber)
    .option('--scanner <instance>', 'the scanner; needed only where there are several')
    .option('--pool <name>', 'its pool, where names repeat')
    .option('--run <history-id>', 'this run of the scan (default: the newest complete one)', wholeNumber)
    .option('--folder <name>', 'all new runs of the scans in this folder')
    .option('--name <pattern>', 'all new runs of the scans with this in their name, or with * all of it')
    .option('--all', 'all new runs of the whole scanner')
    .option('--since <date>', 'only runs that ended then or later')
    .option('--partial', 'also canceled and aborted runs')
    .option('--limit <number>', 'runs to take in at most (default: 500)', wholeNumber)
    .option('--stop', 'end what is being taken in')
    .option('--progress', 'tell how far it is')
    .action((scan: number | undefined, flags: AdoptFlags) =>
      onGateway(flags, (context) => (scan === undefined ? adoptMany(flags, context) : adoptOne(scan, flags, context))),
    )
}

async function adoptOne(scan: number, flags: AdoptFlags, { client, output, signal }: CommandContext): Promise<void> {
  const { scanner, pool, run, folder, name, all, since, partial, limit, stop, progress } = flags
  const others = Object.keys(defined({ folder, name, all, since, partial, limit, stop, progress }))
  if (others.length > 0) {
    throw new InvalidArgumentError(`--${others[0]} is for many scans: leave out the id of a scan, or --${others[0]}.`)
  }
  const where = defined({ scanner_instance: scanner, scanner_pool: pool, history_id: run })
  const taken = await client.adoptScan({ ...where, scanner_scan_id: scan }, { signal })
  if (output.json) return output.writeJson(taken)
  output.write(`${taken.task_id}\n`)
  const before = taken.taken_before ? ' was here already' : ' is taken in'
  output.note(
    `The ${taken.scanner_status} run ${taken.history_id ?? ''}${before}. Follow it: nessus-mcp status ${taken.task_id} --watch`,
  )
  if (taken.newer_runs > 0) output.note(`${taken.newer_runs} newer, the newest ${taken.newest_run_status}.`)
}

async function adoptMany(flags: AdoptFlags, context: CommandContext): Promise<void> {
  const { client, output, signal } = context
  const { scanner, pool, folder, name, since, partial, limit, stop } = flags
  if (!flags.progress && !flags.all && !stop && folder === undefined && name === undefined) {
    throw new InvalidArgumentError('Expected the id of a scan, or --folder, --name or --all.')
  }
  if (flags.run !== undefined) throw new InvalidArgumentError('--run needs the id of a scan.')
  const where = defined({ scanner_instance: scanner, scanner_pool: pool })
  if (flags.progress) {
    const known = await client.listAdoptions(where, { signal })
    if (output.json) return output.writeJson(known)
    for (const adoption of known.adoptions) tell(adoption, context)
    for (const { scanner_pool: of, scanner_instance: one, every_minutes: minutes } of known.schedules) {
      output.note(`${of}/${one}: by schedule, every ${minutes} minutes.`)
    }
    if (known.adoptions.length === 0) output.note('Nothing was taken in by the folder, name or scanner so far.')
    return
  }
  const wanted = defined({ folder, name_filter: name, since, partial, limit, stop })
  const adoption = await client.adoptScans({ ...where, ...wanted }, { signal })
  if (output.json) output.writeJson(adoption)
  else tell(adoption, context)
}

function tell(adoption: Result<'adopt_scans'>, { output }: CommandContext): void {
  const { scanner_pool: pool, scanner_instance: instance, state, scans_total: total } = adoption
  const scans = `${adoption.scans_seen_to} of ${total ?? 'unknown'} scans`
  output.write(
    `${pool}/${instance}: ${state}; ${scans}, ${adoption.runs_taken} runs taken in, ${adoption.runs_being_read} of them being read\n`,
  )
  for (const { why, count } of adoption.skipped) output.note(`  ${count} passed over: ${why}`)
  for (const { scanner_scan_id: id, name, why } of adoption.examples)
    output.note(`    ${id} ${cleanText(name)}: ${cleanText(why)}`)
  if (adoption.ended_early !== null)
    output.note(`  It ended early: ${cleanText(adoption.ended_early)}. ${adoption.next}`)
  if (adoption.trouble !== null)
    output.note(`  Since ${adoption.trouble.since}: ${cleanText(adoption.trouble.message)}`)
}
