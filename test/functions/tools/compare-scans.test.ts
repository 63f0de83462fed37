/** compare_scans tells what has changed between two scans. */
import { afterAll, beforeAll, expect, test } from 'vitest'
import { openReportedWorld, type ReportedWorld } from '../../support/reported-world.ts'
import { refusalOf } from '../../support/tool-replies.ts'

let reported: ReportedWorld
beforeAll(async () => {
  reported = await openReportedWorld()
})
afterAll(() => reported?.close())

test('what is gone is fixed when the newer scan could have seen it', async () => {
  const { older, newer } = reported
  const result = await reported.result('compare_scans', { old_task_id: older, new_task_id: newer })
  expect(JSON.stringify(result)).toContain('155999')
})

test('refuses a scan that is not there', async () => {
  const other = { old_task_id: reported.older, new_task_id: 'ns_one_20260301_080000_0000000f' }
  expect(refusalOf(await reported.world.call('compare_scans', other)).code).toBe('not_found')
})
