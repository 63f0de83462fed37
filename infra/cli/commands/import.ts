import { defined } from '../../../lib/base/defined.ts'
import { createReadStream } from 'node:fs'
import { stat } from 'node:fs/promises'
import { basename } from 'node:path'
import type { Command } from 'commander'
import { PermanentError } from '../../../lib/base/errors.ts'
import type { ScanImported } from '../../../lib/client/tool-results.ts'
import { EXIT, type ExitCode } from './exit-codes.ts'
import { describeFailure, exitCodeOf } from './failure.ts'
import { type CommandContext, clientCommand, type GatewayFlags, onGateway } from './client-command.ts'
import { severityLine } from './severity.ts'
import { byteSize } from './terminal/amounts.ts'
import { cleanText } from './terminal/clean-text.ts'

interface ImportFlags extends GatewayFlags {
  readonly name?: string
}

const EXAMPLES = [
  'nessus-mcp import weekly.nessus',
  'nessus-mcp import reports/*.nessus archive.zip old.nessus.gz',
  'nessus-mcp import weekly.nessus --name "Week 47" --json',
]

/** `nessus-mcp import`: makes completed scans of existing reports. No scanner is needed. */
export function importCommand(): Command {
  return clientCommand('import', 'import reports (.nessus, .gz, .zip) as completed scans', EXAMPLES)
    .argument('<file...>', 'the reports')
    .option('--name <text>', 'name of the scan (default: the name in the report); for one file only')
    .action((files: string[], flags: ImportFlags) =>
      onGateway(
        flags,
        async (context) => {
          if (flags.name !== undefined && files.length > 1)
            throw new PermanentError('--name: expected one file with it, got several')
          let worst: ExitCode = EXIT.ok
          for (const file of files) {
            try {
              show(file, await importFile(file, flags.name, context), context)
            } catch (error) {
              // The next file may be better, but not the connection to the gateway.
              if (context.signal.aborted || exitCodeOf(error) === EXIT.unreachable || files.length === 1) throw error
              process.stderr.write(`${cleanText(file)}: ${describeFailure(error, { json: flags.json === true })}`)
              worst = EXIT.failure
            }
          }
          return worst
        },
        'go on',
      ),
    )
}

async function importFile(
  file: string,
  name: string | undefined,
  { client, output, signal }: CommandContext,
): Promise<ScanImported> {
  const size = await sizeOf(file)
  const bar = output.progress()
  const body = counted(createReadStream(file), (sent) => {
    const percent = size === 0 ? 100 : (sent / size) * 100
    // Only a terminal can take a line back.
    if (process.stderr.isTTY)
      bar.show(percent, sent < size ? `${basename(file)}, ${byteSize(size)}` : `${basename(file)}: reading it`)
  })
  try {
    return await client.importReport({ body, signal, ...defined({ name }) })
  } finally {
    bar.clear()
  }
}

async function sizeOf(file: string): Promise<number> {
  try {
    const facts = await stat(file)
    if (facts.isFile()) return facts.size
  } catch (cause) {
    const why = cause instanceof Error && 'code' in cause ? String(cause.code) : String(cause)
    throw new PermanentError(`${file}: expected a readable report, got ${why}`)
  }
  throw new PermanentError(`${file}: expected a file, got something else`)
}

/** Passes the chunks on, and tells how many bytes have gone. */
async function* counted(source: AsyncIterable<Uint8Array>, tell: (bytes: number) => void): AsyncGenerator<Uint8Array> {
  let bytes = 0
  for await (const chunk of source) {
    bytes += chunk.length
    tell(bytes)
    yield chunk
  }
}

function show(file: string, imported: ScanImported, { output }: CommandContext): void {
  if (output.json) return output.writeJson(imported)
  if (!output.terminal) return output.write(`${imported.task_id}\t${file}\n`)
  output.write(`${cleanText(file)} → ${imported.task_id}\n  ${severityLine({ ...imported }, output.style)}\n`)
  for (const warning of imported.validation_warnings) output.note(`  Warning: ${warning}`)
}
