/** get_queue_status tells which scans wait, and in what order they go. */
import { expect, test } from 'vitest'
import { resultOf } from '../../support/tool-replies.ts'
import { queuedScan } from '../../support/scan-record.ts'
import { makeWorld } from '../../support/world.ts'

test('shows the next ones in their order, and how long the first to come has waited', async () => {
  const world = makeWorld()
  await world.put(queuedScan({ task_id: 'ns_one_20260301_080000_00000001', name: 'first to come' }))
  await world.put(queuedScan({ task_id: 'ns_one_20260301_080000_00000002', name: 'urgent', priority: 5 }))
  world.clock.ms += 60_000
  const result = resultOf(await world.call('get_queue_status', {}))
  expect(result).toMatchObject({ scanner_pool: 'lab', queue_depth: 2, oldest_wait_seconds: 60 })
  expect((result['next_scans'] as { name: string }[]).map(({ name }) => name)).toEqual(['urgent', 'first to come'])
})

test('an empty queue has waited for nobody', async () => {
  expect(resultOf(await makeWorld().call('get_queue_status', {}))).toMatchObject({
    queue_depth: 0,
    oldest_wait_seconds: null,
    next_scans: [],
  })
})
