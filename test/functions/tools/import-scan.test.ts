/** Taking in report files: by path below the import directory, and by upload. */
import { copyFileSync, mkdirSync, readdirSync, statSync, symlinkSync, writeFileSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import { openHouse, type House } from '../../support/house.ts'

const REPORT = fileURLToPath(new URL('../../../infra/simulator/reports/network.nessus', import.meta.url))

let house: House
beforeAll(async () => {
  house = await openHouse()
  copyFileSync(REPORT, join(house.importDir, 'good.nessus'))
  copyFileSync(REPORT, join(house.folder, 'outside.nessus'))
  symlinkSync(join(house.folder, 'outside.nessus'), join(house.importDir, 'link.nessus'))
  symlinkSync(house.folder, join(house.importDir, 'way-out'))
  mkdirSync(join(house.importDir, 'folder'))
  writeFileSync(join(house.importDir, 'broken.nessus'), '<NessusClientData_v2><Report name="x"><ReportHost')
  writeFileSync(join(house.importDir, 'other.xml'), '<html/>')
})
afterAll(() => house?.close())

const total = async () => (await house.result('list_tasks', {}))['total']

test('a file by path becomes a completed scan that every result tool reads', async () => {
  const imported = await house.result('import_scan', { path: 'good.nessus', name: 'from a file' })
  const taskId = String(imported['task_id'])
  expect(imported).toMatchObject({ status: 'completed', name: 'from a file' })
  expect(taskId).toMatch(/^ns_import_/)
  expect(await house.result('get_scan_status', { task_id: taskId })).toMatchObject({
    origin: 'imported',
    results_available: true,
  })
  for (const tool of ['get_scan_results', 'summarize_scan', 'get_scan_settings', 'download_native_scan']) {
    await house.result(tool, { task_id: taskId })
  }
  const native = await fetch(`${house.url}/scans/${taskId}/native`)
  expect(await native.text()).toBe(readFileSync(REPORT, 'utf8'))
})

describe('a path that is refused, leaving nothing', () => {
  test.each([
    ['leads out by dots', '../outside.nessus'],
    ['is absolute', '/etc/passwd'],
    ['is a link to a file outside', 'link.nessus'],
    ['leads through a link', 'way-out/outside.nessus'],
    ['is a folder', 'folder'],
    ['is not there', 'missing.nessus'],
    ['is the directory itself', '.'],
  ])('%s', async (_what, path) => {
    const before = await total()
    const refused = await house.refusal('import_scan', { path })
    expect(refused).toMatchObject({ http: 400, arguments: ['path'] })
    expect(refused.message).toBe(`path: expected a file below the import directory, got ${JSON.stringify(path)}.`)
    expect(await total()).toBe(before)
  })

  test.each([
    ['is damaged', 'broken.nessus'],
    ['is something else', 'other.xml'],
  ])('%s', async (_what, path) => {
    const folders = readdirSync(house.dataDir)
    expect(await house.refusal('import_scan', { path })).toMatchObject({ http: 400, arguments: ['path'] })
    expect(readdirSync(house.dataDir)).toEqual(folders)
  })

  test('none at all, or an upload that the gateway did not give', async () => {
    expect((await house.refusal('import_scan', {})).message).toMatch(/path: expected a \.nessus file.*got none/)
    const gone = await house.refusal('import_scan', { upload: `${'0'.repeat(32)}.upload` })
    expect(gone).toMatchObject({ http: 400, arguments: ['upload'], message: expect.stringMatching(/share DATA_DIR/) })
    const forged = await house.refusal('import_scan', { upload: '../../outside.nessus' })
    expect(forged).toMatchObject({ http: 400, arguments: ['upload'] })
  })
})

describe('an upload', () => {
  const send = (body: string | Buffer<ArrayBuffer> | FormData) =>
    fetch(`${house.url}/scans/import?name=uploaded`, { method: 'POST', body })

  test('as the body, and as a form', async () => {
    const form = new FormData()
    form.set('file', new Blob([readFileSync(REPORT)]), 'good.nessus')
    for (const body of [readFileSync(REPORT), form]) {
      const response = await send(body)
      expect(response.status).toBe(201)
      expect(await response.json()).toMatchObject({
        status: 'completed',
        name: 'uploaded',
        task_id: expect.stringMatching(/^ns_import_/) as string,
      })
    }
    expect(readdirSync(join(house.dataDir, 'incoming'))).toEqual([])
  })

  test('that is no report is refused and removed', async () => {
    const response = await send('not a report')
    expect(response.status).toBe(400)
    expect(readdirSync(join(house.dataDir, 'incoming'))).toEqual([])
  })
})

test('a caller keeps no more imported reports than its quota, and deleting makes room again', async () => {
  const { size } = statSync(REPORT)
  const small = await openHouse({ env: { IMPORT_QUOTA_BYTES: String(Math.floor(size * 2.5)) } })
  onTestFinished(() => small.close())
  copyFileSync(REPORT, join(small.importDir, 'good.nessus'))
  const first = await small.result('import_scan', { path: 'good.nessus' })
  await small.result('import_scan', { path: 'good.nessus' })
  const folders = readdirSync(small.dataDir)
  const refused = await small.refusal('import_scan', { path: 'good.nessus' })
  expect(refused).toMatchObject({ http: 413, quota_bytes: Math.floor(size * 2.5), used_bytes: size * 2 })
  expect(refused.message).toContain('IMPORT_QUOTA_BYTES')
  expect(readdirSync(small.dataDir)).toEqual(folders)
  await small.result('delete_scan', { task_id: String(first['task_id']) })
  await expect.poll(() => small.call('import_scan', { path: 'good.nessus' }).then(({ status }) => status)).toBe(200)
})
