/** search_findings looks through all scans. */
import { afterAll, beforeAll, expect, test } from 'vitest'
import { openReportedWorld, type ReportedWorld } from '../../support/reported-world.ts'
import { refusalOf } from '../../support/tool-replies.ts'

let reported: ReportedWorld
beforeAll(async () => {
  reported = await openReportedWorld()
})
afterAll(() => reported?.close())

test('finds a vulnerability by its CVE, on the host that has it', async () => {
  const result = await reported.result('search_findings', { cve: 'CVE-2021-44228' })
  expect(result).toMatchObject({ total: 1, hosts: 1, scans_searched: 2, scans_left_unsearched: 0 })
  expect(JSON.stringify(result['findings'])).toContain('192.0.2.10')
})

test('refuses a CVE that is none', async () => {
  expect(refusalOf(await reported.world.call('search_findings', { cve: 'log4j' })).code).toBe('invalid_argument')
})
