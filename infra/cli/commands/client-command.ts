/** What every command that talks to a gateway shares: where it is, who asks, how answers look, and how it ends. */
import { defined } from '../../../lib/base/defined.ts'
import { readFileSync } from 'node:fs'
import { Command, Option } from 'commander'
import { PermanentError } from '../../../lib/base/errors.ts'
import type { NessusClient } from '../../../lib/client/nessus-client.ts'
import { COMMAND_LINE, SOURCE_HEADER } from '../../../lib/gateway/source-of.ts'
import { EXIT, type ExitCode } from './exit-codes.ts'
import { describeFailure, exitCodeOf } from './failure.ts'
import { makeOutput, type Output } from './terminal/output.ts'

export interface GatewayFlags {
  readonly url?: string
  readonly token?: string
  readonly tokenFile?: string
  readonly json?: boolean
}

export interface CommandContext {
  readonly client: NessusClient
  readonly output: Output
  /** Aborted by Ctrl-C. */
  readonly signal: AbortSignal
}

/** What a command does whose reader has gone, as `head` does: one that changes several things goes on with the rest. */
export type ReaderGone = 'end' | 'go on'

const TOKEN_FILE_BYTES_MAX = 4096

/** A command with the options that name a gateway. Its examples are shown after its help. */
export function clientCommand(name: string, description: string, examples: readonly string[]): Command {
  return new Command(name)
    .description(description)
    .addOption(new Option('--url <address>', 'the gateway (default: http://127.0.0.1:8836)').env('NESSUS_MCP_URL'))
    .option('--token <token>', 'bearer token; better in NESSUS_MCP_TOKEN or a file, where other users cannot see it')
    .option('--token-file <file>', 'file that holds the bearer token (or NESSUS_MCP_TOKEN_FILE)')
    .option('--json', 'answer in JSON')
    .addHelpText('after', helpExamples(examples))
}

export function helpExamples(examples: readonly string[]): string {
  return `\nExamples:\n${examples.map((example) => `  ${example}`).join('\n')}`
}

/** Runs a command against the gateway of `flags`, and ends the process with what it returns, or with what went wrong. */
export async function onGateway(
  flags: GatewayFlags,
  run: (context: CommandContext) => Promise<ExitCode | void>,
  readerGone: ReaderGone = 'end',
): Promise<void> {
  const work = async (signal: AbortSignal) => {
    const token = tokenOf(flags, process.env)
    const { NessusClient } = await import('../../../lib/client/nessus-client.ts')
    await using client = new NessusClient({
      ...defined({ url: flags.url, token }),
      fetch: asCommandLine,
      clientInfo: { name: 'nessus-mcp-command-line', version: '1' },
      // A person can press the arrow key; what they need is to hear soon that nobody answers.
      retry: { attemptsMax: 2 },
    })
    // Awaited here: the client is closed when this function ends.
    return await run({ client, output: makeOutput({ json: flags.json === true }), signal })
  }
  await ending(flags.json === true, work, readerGone)
}

/** Says of each request that it is the command line's, for the lines that tell who changed what. */
function asCommandLine(input: string | URL | Request, init: RequestInit = {}): Promise<Response> {
  const headers = new Headers(init.headers)
  headers.set(SOURCE_HEADER, COMMAND_LINE)
  return fetch(input, { ...init, headers })
}

/** Runs `work`; says what went wrong, and sets the exit code. The first Ctrl-C aborts the signal, the second ends at once. */
export async function ending(
  json: boolean,
  work: (signal: AbortSignal) => Promise<ExitCode | void>,
  readerGone: ReaderGone = 'end',
): Promise<void> {
  const interrupt = new AbortController()
  const onSignal = () => {
    interrupt.abort()
    process.once('SIGINT', () => process.exit(EXIT.interrupted))
  }
  process.once('SIGINT', onSignal)
  // `nessus-mcp list | head -1` is no failure.
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') process.exit(EXIT.failure)
    if (readerGone === 'end') process.exit(EXIT.ok)
  })
  try {
    process.exitCode = (await work(interrupt.signal)) ?? EXIT.ok
  } catch (error) {
    process.exitCode = exitCodeOf(error)
    if (process.exitCode !== EXIT.interrupted) process.stderr.write(describeFailure(error, { json }))
  } finally {
    process.removeListener('SIGINT', onSignal)
  }
}

/** The command line wins over the environment. */
export function tokenOf(
  { token, tokenFile }: GatewayFlags,
  env: Readonly<Record<string, string | undefined>>,
): string | undefined {
  if (token !== undefined && tokenFile !== undefined) {
    throw new PermanentError('Give --token or --token-file, not both.')
  }
  if (token !== undefined) return token
  if (tokenFile !== undefined) return readSecretFile(tokenFile, '--token-file', TOKEN_FILE_BYTES_MAX)
  if (env['NESSUS_MCP_TOKEN']) return env['NESSUS_MCP_TOKEN']
  const file = env['NESSUS_MCP_TOKEN_FILE']
  return file ? readSecretFile(file, 'NESSUS_MCP_TOKEN_FILE', TOKEN_FILE_BYTES_MAX) : undefined
}

/** A secret from a file; the line end that editors add is no part of it. Throws PermanentError that names `option`. */
export function readSecretFile(file: string, option: string, bytesMax: number): string {
  let text: string
  try {
    text = readFileSync(file, 'utf8')
  } catch (cause) {
    const why = cause instanceof Error && 'code' in cause ? String(cause.code) : String(cause)
    throw new PermanentError(`${option}: expected a readable file, got ${why} for ${file}`)
  }
  if (text.length > bytesMax) throw new PermanentError(`${option}: expected at most ${bytesMax} characters in ${file}`)
  const secret = text.replace(/\r?\n$/, '')
  if (secret === '') throw new PermanentError(`${option}: expected a secret in ${file}, got an empty file`)
  return secret
}
