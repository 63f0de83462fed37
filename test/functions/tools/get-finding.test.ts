/** get_finding shows one finding whole. */
import { afterAll, beforeAll, expect, test } from 'vitest'
import { openReportedWorld, type ReportedWorld } from '../../support/reported-world.ts'
import { refusalOf } from '../../support/tool-replies.ts'

let reported: ReportedWorld
beforeAll(async () => {
  reported = await openReportedWorld()
})
afterAll(() => reported?.close())

test('shows a finding with what its plugin says', async () => {
  const found = await reported.result('search_findings', { cve: 'CVE-2021-44228' })
  const [first] = found['findings'] as { id?: string }[]
  const result = await reported.result('get_finding', { task_id: reported.older, finding_id: first?.id })
  expect(JSON.stringify(result)).toContain('CVE-2021-44228')
})

test('refuses a finding that the scan has not', async () => {
  const wrong = { task_id: reported.older, finding_id: 'zzzz' }
  expect(refusalOf(await reported.world.call('get_finding', wrong)).message.length).toBeGreaterThan(20)
})
