/** download_native_scan tells where a report lies. */
import { afterAll, beforeAll, expect, test } from 'vitest'
import { openReportedWorld, type ReportedWorld } from '../../support/reported-world.ts'
import { refusalOf } from '../../support/tool-replies.ts'
import { queuedScan, TASK } from '../../support/scan-record.ts'

let reported: ReportedWorld
beforeAll(async () => {
  reported = await openReportedWorld()
})
afterAll(() => reported?.close())

test('tells its path, size and digest, and where the gateway gives it out', async () => {
  expect(await reported.result('download_native_scan', { task_id: reported.older })).toMatchObject({
    file_path: expect.stringContaining(`${reported.older}/scan_native.nessus`),
    sha256: expect.stringMatching(/^[0-9a-f]{64}$/),
    format: 'nessus',
    download_url: `https://gateway.test/scans/${reported.older}/native`,
  })
})

test('refuses a scan that has no report yet', async () => {
  await reported.world.put(queuedScan())
  const refusal = refusalOf(await reported.world.call('download_native_scan', { task_id: TASK }))
  expect(['not_found', 'conflict']).toContain(refusal.code)
})
