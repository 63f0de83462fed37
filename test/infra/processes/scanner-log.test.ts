/** The log of a scan in debug mode is written beside its report, and never outlives it. */
import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { makeScannerLog } from '../../../infra/processes/scanner-log.ts'
import { silentLog } from '../../../lib/base/log.ts'

const TASK = 'ns_local_20261121_093000_1f2e3d4c'

let dataDir: string
let warnings: string[]
beforeEach(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'nessus-mcp-scanner-log-'))
  warnings = []
})
afterEach(() => rm(dataDir, { recursive: true, force: true }))

const make = () => makeScannerLog(dataDir, { ...silentLog, warn: (message) => void warnings.push(message) })
const path = () => join(dataDir, TASK, 'scanner_logs', 'nessus_api.log')

test('each line is appended, by whichever process, for its owner alone to read', async () => {
  await make()(TASK, 'one')
  await make()(TASK, 'two')
  expect(await readFile(path(), 'utf8')).toBe('one\ntwo\n')
  expect((await stat(path())).mode & 0o777).toBe(0o600)
})

test('a worker that goes on after its scan was deleted does not bring the folder back', async () => {
  const write = make()
  await write(TASK, 'one')
  await rm(join(dataDir, TASK), { recursive: true })
  await write(TASK, 'two')
  await expect(stat(join(dataDir, TASK))).rejects.toThrow(/ENOENT/)
  expect(warnings).toEqual([])
})

test('a log that cannot be written is a warning, never a failure', async () => {
  await writeFile(join(dataDir, TASK), 'in the way')
  await make()(TASK, 'one')
  expect(warnings).toEqual(['scanner log not written'])
})
