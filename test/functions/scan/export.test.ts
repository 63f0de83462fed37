/** export: fetches the report of a scan that has ended. */
import { describe, expect, test } from 'vitest'
import { runDelivery } from '../../../lib/runtime/run-delivery.ts'
import { compileChange, erase } from '../../../lib/scans/change.ts'
import { TASK } from '../../support/scan-record.ts'
import { atScanner, scanning, waitingFor, withSettle } from '../../runtime/support/waiting-for.ts'

describe('export', () => {
  const exporting = scanning({ step: 'exporting', scan_outcome: 'completed' })

  test('fetch the report, judge it and end the scan', async () => {
    const world = await waitingFor('scan.finished', exporting)
    atScanner(world)
    world.scanner().exportStates = ['loading']
    await world.deliver('export')
    expect(await world.scan(TASK)).toMatchObject({ step: 'validating', native: { size_bytes: 41 } })
    await world.deliver('validate')
    expect(await world.scan(TASK)).toMatchObject({
      status: 'completed',
      step: 'done',
      authentication_status: 'not_applicable',
      results_summary: { total_vulnerabilities: 2 },
    })
    expect(world.reports.expectations.get(TASK)).toMatchObject({ credentialsAsked: 'none', targets: { count: 1 } })
    expect(await world.services.scans.used('lab/one')).toBe(0)
  })

  test('a report that came after its scan was deleted goes again', async () => {
    const world = await waitingFor('scan.finished', exporting)
    atScanner(world)
    const [delivery] = await world.bus.pull(new Map([['export', 1]]))
    const bus = withSettle(world, async () => {
      // Its worker stood still with the report on its way; another has seen the scan through, and it was deleted.
      world.server.commit(compileChange(erase(await world.scan(TASK)), world.services.scanKeys, world.server.keys), [])
      return 'fenced'
    })
    expect(await runDelivery(delivery!, world.runner(bus))).toBe('fenced')
    expect(world.reports.texts.has(TASK)).toBe(false)
  })

  test('a report whose scan goes on elsewhere stays, even if it was once deleted and brought back', async () => {
    const world = await waitingFor('scan.finished', exporting)
    atScanner(world)
    const [delivery] = await world.bus.pull(new Map([['export', 1]]))
    const bus = withSettle(world, async () => {
      const scan = await world.scan(TASK)
      world.server.commit(compileChange(erase(scan), world.services.scanKeys, world.server.keys), [])
      await world.put(scan)
      return 'fenced'
    })
    expect(await runDelivery(delivery!, world.runner(bus))).toBe('fenced')
    expect(world.reports.texts.has(TASK)).toBe(true)
  })

  test('an export that the scanner forgot is asked for again', async () => {
    const world = await waitingFor('scan.finished', exporting)
    atScanner(world)
    world.scanner().exportStates = ['gone']
    expect(await world.deliver('export')).toBe('retried')
    await world.pass(10_000)
    expect(await world.scan(TASK)).toMatchObject({ status: 'completed' })
  })

  test('a stale event fetches nothing', async () => {
    const world = await waitingFor('scan.finished', exporting)
    atScanner(world)
    await world.settleDown()
    const calls = world.scanner().calls.length
    await world.emit('scan.finished', {}, { subject: TASK, id: 'again' })
    await world.deliver('export')
    expect(world.scanner().calls).toHaveLength(calls)
  })
})
