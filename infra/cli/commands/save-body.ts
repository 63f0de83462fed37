/** Writes what a gateway streams into a file, which appears only once it is whole, or to standard output for `-`. */
import { createWriteStream } from 'node:fs'
import { rename, rm } from 'node:fs/promises'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import type { CommandContext } from './client-command.ts'
import { byteSize } from './terminal/amounts.ts'

export async function saveBody(
  body: AsyncIterable<Uint8Array>,
  { file, taskId }: { readonly file: string; readonly taskId: string },
  { output, signal }: Pick<CommandContext, 'output' | 'signal'>,
): Promise<void> {
  if (file === '-') return pipeline(Readable.from(body), process.stdout, { end: false, signal })
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
}
