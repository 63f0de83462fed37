/** catch-up: scans with results that the ledger does not have yet. */
import { expect, test } from 'vitest'
import { endedScan, TASK } from '../../support/scan-record.ts'
import { makeWorld } from '../../support/world.ts'

test('catch-up has each scan entered that the ledger lacks, and no other', async () => {
  const world = makeWorld()
  const entered: string[] = []
  Object.assign(world.reports.ledger, {
    notEntered: async (scans: readonly { task_id: string }[]) =>
      scans.filter(({ task_id: id }) => !entered.includes(id)),
    enter: async ({ task_id: id }: { task_id: string }) => entered.push(id),
  })
  await world.put(endedScan({ results_summary: {} }))
  for (const id of ['first', 'second']) {
    await world.emit('expire.due', {}, { id })
    await world.settleDown()
  }
  expect(entered).toEqual([TASK])
})
