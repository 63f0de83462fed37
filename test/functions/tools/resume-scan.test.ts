/** resume_scan lets a paused scan go on at its scanner. */
import { expect, test } from 'vitest'
import { refusalOf } from '../../support/tool-replies.ts'
import { queuedScan, runningScan, TASK } from '../../support/scan-record.ts'
import { makeWorld } from '../../support/world.ts'

test('refuses a scan that waits, and one that people made', async () => {
  const world = makeWorld()
  await world.put(queuedScan())
  expect(refusalOf(await world.call('resume_scan', { task_id: TASK }))).toMatchObject({ code: 'conflict' })
  const adopted = 'ns_one_20260301_080000_00000002'
  await world.put(runningScan({ task_id: adopted, step: 'scanning', origin: 'adopted', scanner_scan_id: 1 }))
  expect(refusalOf(await world.call('resume_scan', { task_id: adopted }))).toMatchObject({ code: 'forbidden' })
})

test('refuses a scan that is not there', async () => {
  expect(refusalOf(await makeWorld().call('resume_scan', { task_id: TASK })).code).toBe('not_found')
})
