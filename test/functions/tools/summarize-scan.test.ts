/** summarize_scan tells what a scan found, at a glance. */
import { afterAll, beforeAll, expect, test } from 'vitest'
import { openReportedWorld, type ReportedWorld } from '../../support/reported-world.ts'
import { refusalOf } from '../../support/tool-replies.ts'

let reported: ReportedWorld
beforeAll(async () => {
  reported = await openReportedWorld()
})
afterAll(() => reported?.close())

test('counts by severity, and names the hosts', async () => {
  const result = await reported.result('summarize_scan', { task_id: reported.older })
  expect(JSON.stringify(result)).toContain('192.0.2.10')
  expect(result).toMatchObject({ task_id: reported.older })
})

test('refuses a scan that is not there', async () => {
  const unknown = { task_id: 'ns_one_20260301_080000_0000000f' }
  expect(refusalOf(await reported.world.call('summarize_scan', unknown)).code).toBe('not_found')
})
