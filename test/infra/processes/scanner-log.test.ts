/** The log of a scan in debug mode is written beside its report, and never outlives it. */
import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { makeScannerLog } from '../../../infra/processes/scanner-log.ts'
import { silentLog } from '../../../lib/base/log.ts'

let dataDir: string
let warnings: string[]
beforeEach(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'nessus-mcp-scanner-log-'))
  warnings = []
})
afterEach(() => rm(dataDir, { recursive: true, force: true }))

const make = () => makeScannerLog(dataDir, { ...silentLog, warn: (message) => void warnings.push(message) })
const path = () => join(dataDir, 'task', 'scanner_logs', 'nessus_api.log')

test('each line is appended, by whichever process, for its owner alone to read', async () => {
  await make()('task', 'one')
  await make()('task', 'two')
  expect(await readFile(path(), 'utf8')).toBe('one\ntwo\n')
  expect((await stat(path())).mode & 0o777).toBe(0o600)
})

test('a worker that goes on after its scan was deleted does not bring the folder back', async () => {
  const write = make()
  await write('task', 'one')
  await rm(join(dataDir, 'task'), { recursive: true })
  await write('task', 'two')
  await expect(stat(join(dataDir, 'task'))).rejects.toThrow(/ENOENT/)
  expect(warnings).toEqual([])
})

test('a log that cannot be written is a warning, never a failure', async () => {
  await writeFile(join(dataDir, 'task'), 'in the way')
  await make()('task', 'one')
  expect(warnings).toEqual(['scanner log not written'])
})
