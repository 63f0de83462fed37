import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { Refusal } from '../../lib/base/errors.ts'
import { makeScanFiles } from '../../lib/gateway/scan-files.ts'

async function makeDataDir(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'nessus-mcp-files-'))
  onTestFinished(() => rm(folder, { recursive: true }))
  return folder
}

async function* pieces(...texts: string[]): AsyncGenerator<Uint8Array> {
  for (const text of texts) yield Buffer.from(text)
}

test('an upload is kept under the name that is answered', async () => {
  const dataDir = await makeDataDir()
  const name = await makeScanFiles(dataDir).receive(pieces('a', 'b'), 2)
  expect(await readdir(join(dataDir, 'incoming'))).toEqual([name])
})

test('one that is too large leaves nothing', async () => {
  const dataDir = await makeDataDir()
  await expect(makeScanFiles(dataDir).receive(pieces('a', 'b'), 1)).rejects.toMatchObject({ code: 'too_large' })
  expect(await readdir(join(dataDir, 'incoming'))).toEqual([])
})

test('a data directory that takes nothing refuses it with the remedy', async () => {
  const file = join(await makeDataDir(), 'taken')
  await writeFile(file, '')
  const refusal = await makeScanFiles(file)
    .receive(pieces('a'), 1)
    .catch((error: unknown) => error)
  expect(refusal).toBeInstanceOf(Refusal)
  expect(refusal).toMatchObject({ code: 'unavailable', message: expect.stringContaining('is no folder: set DATA_DIR') })
})
