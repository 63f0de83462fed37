import { existsSync } from 'node:fs'
import { Command } from 'commander'
import { startAll } from '../../processes/up.ts'
import { runUntilStopped } from './run-until-stopped.ts'

const EXAMPLES = `
Examples:
  nessus-mcp up                       with a private Redis, and a simulated scanner when none is configured
  nessus-mcp up --scan-seconds 60     simulated scans take a minute
  PORT=9000 DATA_DIR=/var/lib/nessus-mcp nessus-mcp up`

/** Where real reports for the simulator may lie beside a checkout. */
const REPORTS_BESIDE = '../shared/data'

/** `nessus-mcp up`: everything in one process. */
export function upCommand(): Command {
  return new Command('up')
    .description('run everything: gateway, worker, and a private Redis and a simulated scanner where none is given')
    .option('--scan-seconds <number>', 'how long a simulated scan takes', Number, 20)
    .option('--reports <folder>', 'more .nessus files for the simulated scanner to serve')
    .addHelpText('after', EXAMPLES)
    .action((flags: { scanSeconds: number; reports?: string }) =>
      runUntilStopped((surroundings) => {
        const { scanSeconds } = flags
        const reports = flags.reports ?? (existsSync(REPORTS_BESIDE) ? REPORTS_BESIDE : undefined)
        if (reports === undefined) return startAll(surroundings, { scanSeconds })
        // Reports that nobody asked for may be odd ones: they are there for scans named after them.
        return startAll(surroundings, { scanSeconds, reports, reportsInTurn: flags.reports !== undefined })
      }),
    )
}
