/** query_findings answers questions over scans. */
import { afterAll, beforeAll, expect, test } from 'vitest'
import { openReportedWorld, type ReportedWorld } from '../../support/reported-world.ts'
import { refusalOf } from '../../support/tool-replies.ts'

let reported: ReportedWorld
beforeAll(async () => {
  reported = await openReportedWorld()
})
afterAll(() => reported?.close())

test('counts what was asked for, by what was asked for', async () => {
  const result = await reported.result('query_findings', { scan: [reported.older], group_by: ['severity'] })
  expect(JSON.stringify(result)).toMatch(/critical/i)
})

test('refuses a dimension that there is not, with those that there are', async () => {
  const wrong = { scan: [reported.older], group_by: ['colour'] }
  expect(refusalOf(await reported.world.call('query_findings', wrong)).code).toBe('invalid_argument')
})
