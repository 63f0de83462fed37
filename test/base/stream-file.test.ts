/** A file that cannot be opened is an error of whoever asked for it, never of the process. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import type { ReadStream } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { streamFile } from '../../lib/base/stream-file.ts'

let folder: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'nessus-mcp-stream-'))
  await writeFile(join(folder, 'file'), 'x'.repeat(100_000))
})
afterEach(() => rm(folder, { recursive: true }))

async function lengthOf(stream: ReadStream): Promise<number> {
  let length = 0
  for await (const chunk of stream) length += (chunk as Buffer).length
  return length
}

test('gives the whole file, also to a reader that takes its time to begin', async () => {
  const late = async (stream: ReadStream) => {
    await sleep(20)
    return lengthOf(stream)
  }
  expect(await streamFile(join(folder, 'file'), late, { highWaterMark: 1000 })).toBe(100_000)
})

test('throws when there is no such file, and nobody is asked to read it', async () => {
  const asked: unknown[] = []
  await expect(streamFile(join(folder, 'none'), async (stream) => asked.push(stream))).rejects.toThrow(/ENOENT/)
  await sleep(20)
  expect(asked).toEqual([])
})

test('closes the file when reading it fails, or is given up', async () => {
  const streams: ReadStream[] = []
  const giveUp = async (stream: ReadStream) => {
    streams.push(stream)
    for await (const _ of stream) throw new Error('enough')
  }
  await expect(streamFile(join(folder, 'file'), giveUp)).rejects.toThrow('enough')
  const ignore = async (stream: ReadStream) => void streams.push(stream)
  await streamFile(join(folder, 'file'), ignore)
  for (const stream of streams) await expect(lengthOf(stream)).rejects.toThrow(/abort|clos|EBADF/i)
})
