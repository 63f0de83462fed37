/** forget_scan: a mistaken import is as if it had never been. */
import { afterAll, beforeAll, expect, test } from 'vitest'
import { openReportedWorld, type ReportedWorld } from '../../support/reported-world.ts'

let reported: ReportedWorld
beforeAll(async () => {
  reported = await openReportedWorld()
  await reported.world.settleDown()
  // The reports are of later days than the clock: until those days they do not count.
  reported.world.clock.ms += 14 * 86_400_000
})
afterAll(() => reported.close())

const states = async (args: object = {}) => (await reported.result('query_findings', { of: 'lives', ...args }))['rows']

test('a deleted scan stays in the ledger; one that is taken back does not, and what it proved is open again', async () => {
  const { world, newer } = reported
  expect(await states()).toEqual([['not_retested', 1, 1]])
  await reported.result('delete_scan', { task_id: newer })
  await world.settleDown()
  expect(await states()).toEqual([['not_retested', 1, 1]])
  expect(await reported.result('forget_scan', { task_id: newer })).toMatchObject({
    deleted: false,
    was_in_ledger: true,
  })
  expect(await states()).toEqual([['open', 1, 1]])
  await expect(reported.result('forget_scan', { task_id: newer })).rejects.toThrow('nothing of it in the ledger')
})

test('a scan that is there goes with its results, and is not entered again', async () => {
  const { world, older } = reported
  expect(await reported.result('forget_scan', { task_id: older })).toMatchObject({ deleted: true, was_in_ledger: true })
  await world.emit('expire.due', {})
  await world.settleDown()
  expect(await reported.result('query_findings', { of: 'lives' })).toMatchObject({
    n: 0,
    cannot_say: ['no scan has been entered in the ledger yet'],
  })
  await expect(reported.result('get_scan_status', { task_id: older })).rejects.toThrow('not_found')
})
