/** `nessus-mcp simulator`: runs a simulated scanner until it is told to end. */
import { Command, InvalidArgumentError, Option } from 'commander'
import { PermanentError } from '../../lib/base/errors.ts'
import { takeSignals } from '../processes/signals.ts'
import type { Profile } from './options.ts'
import { PRODUCT_PROFILES } from './options.ts'
import type { Simulator } from './simulator.ts'
import { startSimulator } from './simulator.ts'

const DEFAULT_PORT = 8834

interface Flags {
  readonly port: number
  readonly host: string
  readonly https: boolean
  readonly reports: string[]
  readonly scanSeconds: number
  readonly speed: number
  readonly scanApi: boolean
  readonly profile: string
  readonly accessKey?: string
  readonly secretKey?: string
  readonly username?: string
  readonly password?: string
  readonly maxScans: number
  readonly seed: number
  readonly json: boolean
}

const EXAMPLES = `
Examples:
  nessus-mcp simulator                                  a scanner on http://127.0.0.1:${DEFAULT_PORT}
  nessus-mcp simulator --https --port 0 --json          any free port, machine-readable
  nessus-mcp simulator --no-scan-api                    a licence that cannot launch by API
  nessus-mcp simulator --reports ./reports --speed 60   your own reports, a minute in a second

Every password is right but the word "wrong"; see infra/simulator/README.md.`

/** The command, to be added to the program's. Exits with an error that names the cause when it cannot start. */
export function simulatorCommand(): Command {
  return new Command('simulator')
    .description('run a simulated Nessus scanner, to try the system or to test against')
    .addOption(new Option('--port <number>', '0 takes any free port').default(DEFAULT_PORT).argParser(number))
    .option('--host <address>', 'address to listen on', '127.0.0.1')
    .option('--https', 'serve HTTPS with a certificate made at start', false)
    .option('--reports <folder>', 'serve the .nessus files of this folder too (repeatable)', collect, [])
    .addOption(new Option('--scan-seconds <number>', 'how long a scan runs').default(20).argParser(number))
    .addOption(new Option('--speed <number>', 'simulated seconds per real second').default(1).argParser(number))
    .option('--scan-api', 'the licence allows launching by API (default)', true)
    .option('--no-scan-api', 'the licence refuses it, as Professional does: 412')
    .addOption(
      new Option('--profile <version>', 'line of Nessus to imitate')
        .choices(PRODUCT_PROFILES.map(String))
        .default('10'),
    )
    .option('--access-key <hex>', 'API access key (default: drawn from the seed)')
    .option('--secret-key <hex>', 'API secret key (default: drawn from the seed)')
    .option('--username <name>', 'user that may log in (default: admin)')
    .option('--password <text>', 'its password (default: simulator)')
    .addOption(
      new Option('--max-scans <number>', 'scans that run at once, 0 for no limit').default(0).argParser(number),
    )
    .addOption(
      new Option('--seed <number>', 'makes keys, durations and faults repeatable').default(1).argParser(number),
    )
    .option('--json', 'print one line of JSON instead of text', false)
    .addHelpText('after', EXAMPLES)
    .action(run)
}

async function run(flags: Flags, command: Command): Promise<void> {
  const { reports: reportsDirs, profile, json: asJson, ...rest } = flags
  // Before anyone is told where it is. It has no configuration to read anew.
  const { stopped } = takeSignals(() => {})
  let simulator: Simulator
  try {
    simulator = await startSimulator({ ...rest, reportsDirs, profile: Number(profile) as Profile })
  } catch (error) {
    if (error instanceof PermanentError) command.error(`error: ${error.message}`)
    throw error
  }
  const { url, port, fingerprint, certificate, accessKey, secretKey, username, password } = simulator
  const facts = { url, port, fingerprint, certificate, accessKey, secretKey, username, password }
  process.stdout.write(asJson ? `${JSON.stringify(facts)}\n` : describe(simulator, flags.scanApi))
  await stopped
  await simulator.close()
}

function describe(simulator: Simulator, scanApi: boolean): string {
  const { url, fingerprint, accessKey, secretKey, username, password } = simulator
  // A licence without the scan API takes launches from the web interface's session only.
  const login = scanApi
    ? [`access_key: ${accessKey}`, `secret_key: ${secretKey}`]
    : [`username: ${JSON.stringify(username)}`, `password: ${JSON.stringify(password)}`, 'web_session: true']
  const tls = fingerprint === undefined ? [] : ['tls:', `  fingerprint: '${fingerprint}'`]
  const entry = ['name: Simulator', `url: ${url}`, 'enabled: true', 'max_concurrent_scans: 2', ...login, ...tls]
  return `Simulated Nessus scanner at ${url}

  user        ${username} / ${password}
  API keys    accessKey=${accessKey}; secretKey=${secretKey}
${fingerprint === undefined ? '' : `  SHA-256     ${fingerprint}\n`}  counts      ${url}/simulator/counts
  reports     ${simulator.control.reports().join(', ')}

For config/scanners.yaml:

nessus:
  - instance_id: simulator
${entry.map((line) => `    ${line}`).join('\n')}

Ctrl-C ends it.
`
}

function number(text: string): number {
  const value = Number(text)
  if (text.trim() === '' || !Number.isFinite(value)) throw new InvalidArgumentError('expected a number')
  return value
}

function collect(folder: string, before: string[]): string[] {
  return [...before, folder]
}
