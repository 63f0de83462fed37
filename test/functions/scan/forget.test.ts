/** forget: a deleted scan goes from the scanner and from the disk. */
import { describe, expect, test } from 'vitest'
import { runDelivery } from '../../../lib/runtime/run-delivery.ts'
import { ScannerAwayError } from '../../../lib/scanners/away-error.ts'
import { endedScan, TASK } from '../../support/scan-record.ts'
import { makeWorld } from '../../support/world.ts'
import { atScanner } from '../../runtime/support/waiting-for.ts'

describe('forget', () => {
  const gone = { task_id: TASK, scanner: 'lab/one', scanner_scan_id: 1 }

  test('stops what runs first and comes back to remove it', async () => {
    const world = makeWorld()
    atScanner(world).runMs = 1e9
    await world.emit('scan.deleted', gone)
    expect(await world.deliver('forget')).toBe('retried')
    await world.pass(60_000)
    expect(world.scanner().marked(TASK)).toEqual([])
  })

  test('stops what runs though the disk takes nothing, and removes the files though the scanner is away', async () => {
    const world = makeWorld()
    const made = atScanner(world)
    made.runMs = 1e9
    const remove = () => Promise.reject(Object.assign(new Error('EROFS: read-only'), { code: 'EROFS' }))
    const stuck = { ...world.services, reports: { ...world.reports, remove } }
    await world.emit('scan.deleted', gone)
    const [delivery] = await world.bus.pull(new Map([['forget', 1]]))
    expect(await runDelivery(delivery!, world.runner(world.bus, { services: stuck }))).toBe('retried')
    world.clock.ms += 5000
    expect(world.scanner().phase(made)).toBe('canceled')

    const other = makeWorld()
    other.reports.texts.set(TASK, 'report')
    other.scanner().fault = () => {
      throw new ScannerAwayError('gone', { scanner: 'lab/one' })
    }
    await other.emit('scan.deleted', gone)
    expect(await other.deliver('forget')).toBe('retried')
    expect(other.reports.texts.has(TASK)).toBe(false)
  })

  test.each([
    ['has run', true, 1],
    ['has never run', false, 0],
  ])('of a scan that went by age, unread, keeps at the scanner what %s', async (_case, launched, left) => {
    const world = makeWorld()
    // Nothing in the record says that it was launched: the step that did so had died.
    await world.put(endedScan({ status: 'failed' }))
    world.server.keyspace.apply(['ZADD', world.services.scanKeys.accessed, '0', TASK])
    atScanner(world, { launched })
    world.clock.ms += 2 * world.services.limits.failedTtlMs
    await world.emit('expire.due', {})
    await world.settleDown()
    expect(await world.services.scans.get(TASK)).toBeUndefined()
    expect(world.scanner().marked(TASK)).toHaveLength(left)
  })

  test('does nothing about scanners that left, or twice', async () => {
    const world = makeWorld()
    await world.emit('scan.deleted', { ...gone, scanner: 'lab/left' })
    await world.emit('scan.deleted', gone)
    expect(await world.deliver('forget')).toBe('settled')
    expect(await world.deliver('forget')).toBe('settled')
  })
})
