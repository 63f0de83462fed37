/** What lies in the data directory is for its owner only. */
import { chmod, mkdir, mkdtemp, rm, stat, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { openDataFolder } from '../../../infra/processes/data-folder.ts'
import { silentLog } from '../../../lib/base/log.ts'

const TASK = 'ns_one_20260301_080000_0123abcd'
let folder: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'data-folder-'))
})
afterEach(() => rm(folder, { recursive: true }))
const modeOf = async (...path: string[]) => ((await stat(join(folder, ...path))).mode & 0o777).toString(8)

test('a new one is made so', async () => {
  await openDataFolder(join(folder, 'new', 'data'), silentLog)
  expect(await modeOf('new', 'data')).toBe('700')
})

test('what an earlier version left open is closed at the start, and what is not ours stays', async () => {
  const data = join(folder, 'data')
  for (const part of ['', TASK, `${TASK}/scanner_logs`, 'incoming', 'redis/appendonlydir', 'foreign']) {
    await mkdir(join(data, part), { recursive: true })
    await chmod(join(data, part), 0o755)
  }
  const files = [
    `${TASK}/task.json`,
    `${TASK}/scanner_logs/nessus_api.log`,
    'incoming/x.upload',
    'redis/appendonlydir/a.aof',
    'secret.key',
    'foreign/run.sh',
  ]
  for (const file of files) {
    await writeFile(join(data, file), 'x')
    await chmod(join(data, file), 0o755)
  }
  await writeFile(join(folder, 'outside'), 'x', { mode: 0o644 })
  await symlink(join(folder, 'outside'), join(data, TASK, 'link'))
  await openDataFolder(data, silentLog)
  for (const part of ['', TASK, `${TASK}/scanner_logs`, 'incoming', 'redis', 'redis/appendonlydir'])
    expect([part, await modeOf('data', part)]).toEqual([part, '700'])
  for (const file of files.slice(0, -1)) expect([file, await modeOf('data', file)]).toEqual([file, '600'])
  expect([await modeOf('data', 'foreign'), await modeOf('data', 'foreign', 'run.sh'), await modeOf('outside')]).toEqual(
    ['755', '755', '644'],
  )
})
