/** admit: which waiting scan is given which slot. */
import { describe, expect, test } from 'vitest'
import { runDelivery } from '../../../lib/runtime/run-delivery.ts'
import { scannerEntry } from '../../support/fake-registry.ts'
import { queuedScan, runningScan, TASK } from '../../support/scan-record.ts'
import { makeWorld } from '../../support/world.ts'
import { withSettle } from '../../runtime/support/waiting-for.ts'

describe('admit', () => {
  test('gives a waiting scan a slot and tells create', async () => {
    const world = makeWorld()
    await world.put(queuedScan())
    await world.emit('scan.requested', { pool: 'lab' }, { subject: TASK })
    expect(await world.deliver('admit')).toBe('settled')
    expect(await world.scan(TASK)).toMatchObject({ status: 'running', step: 'creating', scanner_instance: 'one' })
    expect(await world.services.scans.holders('lab/one')).toEqual([TASK])
    expect(world.waiting('create')).toEqual(['scan.admitted'])
  })

  test('leaves a scan waiting while its scanners are full or disabled', async () => {
    for (const patch of [{ maxConcurrentScans: 1 }, { enabled: false }]) {
      const world = makeWorld({ entries: [scannerEntry(patch)] })
      await world.put(runningScan({ task_id: 'ns_one_20260301_080000_0000000a' }))
      await world.put(queuedScan())
      await world.emit('scan.requested', { pool: 'lab' }, { subject: TASK })
      await world.deliver('admit')
      expect(await world.scan(TASK)).toMatchObject({ status: 'queued', revision: 1 })
    }
  })

  test('gives no slot that another scan was given meanwhile', async () => {
    const world = makeWorld({ entries: [scannerEntry({ maxConcurrentScans: 1 })] })
    await world.put(queuedScan())
    await world.emit('scan.requested', { pool: 'lab' }, { subject: TASK })
    const [delivery] = await world.bus.pull(new Map([['admit', 1]]))
    let raced = false
    const bus = withSettle(world, async (...settlement) => {
      if (!raced) await world.put(runningScan({ task_id: 'ns_one_20260301_080000_0000000a' }))
      raced = true
      return world.bus.settle(...settlement)
    })
    expect(await runDelivery(delivery!, world.runner(bus))).toBe('settled')
    expect(await world.scan(TASK)).toMatchObject({ status: 'queued' })
    expect(await world.services.scans.used('lab/one')).toBe(1)
  })

  test('lets others pass a scan that is pinned to a full scanner', async () => {
    const world = makeWorld({
      entries: [scannerEntry({ maxConcurrentScans: 1 }), scannerEntry({ instanceId: 'two' })],
    })
    const other = 'ns_two_20260301_080001_0000000b'
    await world.put(runningScan({ task_id: 'ns_one_20260301_080000_0000000a' }))
    await world.put(queuedScan({ pinned_instance: 'one' }))
    await world.put(queuedScan({ task_id: other, created_at: '2026-03-01T08:00:01.000Z' }))
    await world.emit('scan.requested', { pool: 'lab' })
    await world.deliver('admit')
    expect(await world.scan(TASK)).toMatchObject({ status: 'queued' })
    expect(await world.scan(other)).toMatchObject({ status: 'running', scanner_instance: 'two' })
  })

  test('takes the scan of higher priority first, and the least used scanner', async () => {
    const world = makeWorld({ entries: [scannerEntry(), scannerEntry({ instanceId: 'two' })] })
    await world.put(runningScan({ task_id: 'ns_one_20260301_080000_0000000a' }))
    await world.put(queuedScan())
    const urgent = 'ns_one_20260301_080001_0000000b'
    await world.put(queuedScan({ task_id: urgent, priority: 1, created_at: '2026-03-01T08:00:01.000Z' }))
    await world.emit('slot.freed', { pool: 'lab' })
    await world.deliver('admit')
    expect(await world.scan(urgent)).toMatchObject({ status: 'running', scanner_instance: 'two' })
    expect(await world.scan(TASK)).toMatchObject({ status: 'queued' })
  })
})
