/** get_pool_status tells how busy a pool is. */
import { expect, test } from 'vitest'
import { scannerEntry } from '../../support/fake-registry.ts'
import { refusalOf, resultOf } from '../../support/tool-replies.ts'
import { queuedScan, runningScan } from '../../support/scan-record.ts'
import { makeWorld } from '../../support/world.ts'

test('counts what runs, what waits and what is free', async () => {
  const world = makeWorld({ entries: [scannerEntry({ maxConcurrentScans: 4 })] })
  await world.put(runningScan({ step: 'scanning' }))
  await world.put(queuedScan({ task_id: 'ns_one_20260301_080000_00000002' }))
  expect(resultOf(await world.call('get_pool_status', {}))).toMatchObject({
    scanner_pool: 'lab',
    total_scanners: 1,
    total_capacity: 4,
    total_active: 1,
    available_capacity: 3,
    utilization_pct: 25,
    queue_depth: 1,
    dead_letters: 0,
  })
})

test('a pool that is not there is refused by its name, with those that are', async () => {
  const { code, message } = refusalOf(await makeWorld().call('get_pool_status', { scanner_pool: 'laab' }))
  expect([code, message]).toEqual(['invalid_argument', expect.stringContaining('lab')])
})
