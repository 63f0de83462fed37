import { readFileSync } from 'node:fs'
import { Command } from 'commander'
import { loadSettings, type Settings } from '../../../config/settings.ts'
import { PermanentError } from '../../../lib/base/errors.ts'
import { parseConfiguration, type ScannerConfiguration } from '../../../lib/scanners/configuration/configuration.ts'
import { EXIT, type ExitCode } from './exit-codes.ts'
import { ending, helpExamples } from './client-command.ts'
import { configurationWarnings } from '../../../lib/scanners/configuration/warnings.ts'
import { probeScanners, type Probed } from './probe-scanners.ts'
import { makeOutput, type Output } from './terminal/output.ts'

interface CheckFlags {
  readonly probe?: boolean
  readonly json?: boolean
}

const EXAMPLES = [
  'nessus-mcp config check',
  'SCANNER_CONFIG=/etc/nessus-mcp/scanners.yaml nessus-mcp config check --probe',
]

/** `nessus-mcp config check`: says everything that is wrong with settings, scanners and tokens before anything is started. */
export function configCommand(): Command {
  const check = new Command('check')
    .description('check the environment, scanners.yaml and the tokens file; exit code 2 when something is wrong')
    .option('--probe', 'also ask every enabled scanner how it is')
    .option('--json', 'answer in JSON')
    .addHelpText('after', helpExamples(EXAMPLES))
    .action((flags: CheckFlags) =>
      ending(flags.json === true, () => checkConfiguration(flags, makeOutput({ json: flags.json === true }))),
    )
  return new Command('config').description('look after the configuration').addCommand(check)
}

async function checkConfiguration(flags: CheckFlags, output: Output): Promise<ExitCode> {
  const problems: string[] = []
  const settings = attempt(() => loadSettings(process.env), problems)
  const file = settings?.scannerConfig
  const configuration = file === undefined ? undefined : attempt(() => readScanners(file), problems)
  if (settings?.authTokensFile !== undefined) await checkTokens(settings.authTokensFile, problems)
  const probed = flags.probe && configuration ? await probeScanners(configuration.entries) : []
  for (const { key, problem } of probed) if (problem !== undefined) problems.push(`${key}: ${problem}`)

  const warnings = configuration ? configurationWarnings(configuration) : []
  if (output.json) output.writeJson(report({ problems, warnings, settings, configuration, probed }))
  else show({ problems, warnings, settings, configuration, probed }, output)
  return problems.length === 0 ? EXIT.ok : EXIT.usage
}

interface Findings {
  readonly problems: readonly string[]
  /** What works, and is not safe or not of use. */
  readonly warnings: readonly string[]
  readonly settings: Settings | undefined
  readonly configuration: ScannerConfiguration | undefined
  readonly probed: readonly Probed[]
}

function report({ problems, warnings, settings, configuration, probed }: Findings): Record<string, unknown> {
  const health = new Map(probed.map((each) => [each.key, each]))
  return {
    ok: problems.length === 0,
    problems,
    warnings,
    scanner_config: settings?.scannerConfig ?? null,
    default_pool: configuration?.poolOrder[0] ?? null,
    scanners: (configuration?.entries ?? []).map(({ key, name, url, enabled, maxConcurrentScans }) => {
      const found = health.get(key)
      const probe = found ? { ready: found.ready, version: found.version ?? null, launch: found.launch } : {}
      return { scanner: key, name, url, enabled, max_concurrent_scans: maxConcurrentScans, ...probe }
    }),
    credentials: (configuration?.credentials ?? []).map(({ name }) => name),
  }
}

function show({ problems, warnings, settings, configuration, probed }: Findings, output: Output): void {
  for (const problem of problems) process.stderr.write(`${output.style('red', 'wrong:')} ${problem}\n`)
  for (const warning of warnings) process.stderr.write(`${output.style('yellow', 'beware:')} ${warning}\n`)
  if (!configuration || !settings) return
  const health = new Map(probed.map((each) => [each.key, each]))
  output.writeTable(
    [
      { title: 'scanner', value: ({ key }) => key },
      { title: 'enabled', value: ({ enabled }) => (enabled ? 'yes' : 'no') },
      { title: 'scans', value: ({ maxConcurrentScans }) => maxConcurrentScans, align: 'right' },
      { title: 'state', value: ({ key }) => stateOf(health.get(key)) },
      { title: 'url', value: ({ url }) => url },
    ],
    configuration.entries,
  )
  const { length } = configuration.entries
  if (length === 0)
    output.note(`${settings.scannerConfig} configures no scanner: \`nessus-mcp up\` will start a simulated one.`)
  if (problems.length === 0)
    output.note(warnings.length === 0 ? 'Nothing is wrong.' : 'Nothing is wrong but what to beware of.')
}

function stateOf(probed: Probed | undefined): string {
  if (!probed) return ''
  return probed.ready ? `ready, launch ${probed.launch}` : 'not ready'
}

/** A file that is not there configures no scanner, as everywhere. */
function readScanners(file: string): ScannerConfiguration {
  const readFile = (path: string) => readFileSync(path, 'utf8')
  let text: string
  try {
    text = readFile(file)
  } catch (cause) {
    if (cause instanceof Error && 'code' in cause && cause.code === 'ENOENT') text = ''
    else
      throw new PermanentError(
        `SCANNER_CONFIG: ${file} cannot be read: ${cause instanceof Error ? cause.message : String(cause)}`,
      )
  }
  return parseConfiguration({ text, file, env: process.env, readFile })
}

async function checkTokens(file: string, problems: string[]): Promise<void> {
  const { readTokens } = await import('../../../lib/gateway/auth/token-file.ts')
  attempt(() => readTokens(readFileSync(file, 'utf8'), file), problems)
}

/** The result of `work`; what is wrong goes to `problems`, line by line. */
function attempt<T>(work: () => T, problems: string[]): T | undefined {
  try {
    return work()
  } catch (error) {
    const lines = (error instanceof Error ? error.message : String(error)).split('\n').map((line) => line.trim())
    problems.push(...lines.filter((line) => line !== '' && !line.endsWith('in the environment:')))
    return undefined
  }
}
