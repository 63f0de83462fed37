import { createWriteStream } from 'node:fs'
import { rename, rm } from 'node:fs/promises'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import type { Command } from 'commander'
import { clientCommand, type GatewayFlags, onGateway } from './client-command.ts'
import { byteSize } from './terminal/amounts.ts'

const EXAMPLES = [
  'nessus-mcp download ns_local_20261121_093000_1f2e3d4c',
  'nessus-mcp download ns_local_20261121_093000_1f2e3d4c --output - | xmllint --noout -',
]

/** `nessus-mcp download`: the report as the scanner wrote it. A file appears only once it is whole. */
export function downloadCommand(): Command {
  return clientCommand('download', 'save the .nessus report of a scan', EXAMPLES)
    .argument('<task-id>', 'the scan')
    .option('-o, --output <file>', 'where to (default: <task-id>.nessus; - is standard output)')
    .action((taskId: string, flags: GatewayFlags & { output?: string }) =>
      onGateway(flags, async ({ client, output, signal }) => {
        const { body } = await client.downloadReport(taskId, { signal })
        if (flags.output === '-') return pipeline(Readable.from(body), process.stdout, { end: false, signal })
        const file = flags.output ?? `${taskId}.nessus`
        const part = `${file}.part`
        const sink = createWriteStream(part)
        try {
          await pipeline(Readable.from(body), sink, { signal })
        } catch (error) {
          await rm(part, { force: true })
          throw error
        }
        await rename(part, file)
        if (output.json) return output.writeJson({ task_id: taskId, file, size_bytes: sink.bytesWritten })
        output.write(`${file}\n`)
        output.note(byteSize(sink.bytesWritten))
      }),
    )
}
