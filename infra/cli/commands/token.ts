import { randomBytes } from 'node:crypto'
import { chmodSync, existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { Command } from 'commander'
import type { Scope } from '../../../lib/runtime/nature.ts'
import { TOOLSET_NAMES } from '../../../lib/runtime/toolset.ts'
import { makeToken } from '../../../lib/gateway/auth/make-token.ts'
import { readTokens } from '../../../lib/gateway/auth/token-file.ts'
import { ending, helpExamples } from './client-command.ts'
import { listOption } from './option-values.ts'
import { makeOutput } from './terminal/output.ts'

interface TokenFlags {
  readonly name: string
  readonly scopes: string[]
  readonly expires?: string
  readonly toolset?: string
  readonly file?: string
  readonly json?: boolean
}

const EXAMPLES = [
  'nessus-mcp token new --name laptop',
  'nessus-mcp token new --name nightly --scopes scan:run --expires 2027-01-31 --file tokens.yaml',
  'AUTH_TOKENS_FILE=tokens.yaml nessus-mcp gateway',
]

/** `nessus-mcp token new`: a bearer token, shown once; the tokens file holds only its hash. */
export function tokenCommand(): Command {
  const create = new Command('new')
    .description('make a bearer token and its entry for the tokens file (AUTH_TOKENS_FILE)')
    .requiredOption('--name <name>', 'who or what will use it')
    .option('--scopes <scopes>', 'what it may do: scan:read, scan:run (reads too), admin', listOption, ['scan:run'])
    .option('--expires <date>', 'refused from then on, such as 2027-01-31')
    .option('--toolset <names>', `which tools MCP lists to it: ${TOOLSET_NAMES}`)
    .option('--file <file>', 'add the entry to this tokens file')
    .option('--json', 'answer in JSON')
    .addHelpText('after', helpExamples(EXAMPLES))
    .action((flags: TokenFlags) =>
      ending(flags.json === true, async () => {
        const output = makeOutput({ json: flags.json === true })
        const { name, expires, toolset, file } = flags
        const { token, entry } = makeToken({ name, scopes: flags.scopes as Scope[], expires, toolset, randomBytes })
        // Whatever the gateway would refuse is refused here, before anybody relies on it.
        readTokens(entry, 'the new token')
        if (file !== undefined) addEntry(file, entry)
        if (output.json) return output.writeJson({ token, entry, file: file ?? null })
        output.write(`${token}\n`)
        output.note(
          'It is shown only now. Clients send it as "Authorization: Bearer …", the command line takes it from NESSUS_MCP_TOKEN.',
        )
        if (file === undefined) process.stderr.write(`Its entry for the tokens file:\n${entry}`)
      }),
    )
  return new Command('token').description('look after bearer tokens').addCommand(create)
}

/** The file is replaced whole: a gateway that reads it meanwhile finds the old one or the new one. */
function addEntry(file: string, entry: string): void {
  const before = existsSync(file) ? readFileSync(file, 'utf8') : ''
  const text = `${before}${before === '' || before.endsWith('\n') ? '' : '\n'}${entry}`
  readTokens(text, file)
  const part = `${file}.part`
  writeFileSync(part, text, { mode: 0o600 })
  chmodSync(part, 0o600)
  renameSync(part, file)
}
