/** stop: ends a run, and sees that it has ended. */
import { describe, expect, test } from 'vitest'
import { runningScan, TASK } from '../../support/scan-record.ts'
import { atScanner, scanning, waitingFor } from '../../runtime/support/waiting-for.ts'

describe('stop', () => {
  const stopping = scanning({ step: 'stopping', stopping: { as: 'canceled', reason: 'stopped by a test' } })

  test('stops the run, sees that it has stopped, and keeps what it found', async () => {
    const world = await waitingFor('scan.stop-requested', stopping)
    atScanner(world)
    await world.pass(10_000)
    expect(world.scanner().phase(world.scanner().scansById.get(1)!)).toBe('canceled')
    expect(await world.scan(TASK)).toMatchObject({ status: 'canceled', results_summary: { hosts_scanned: 1 } })
  })

  test('removes a scan that was never launched, also one whose id nobody noted', async () => {
    const world = await waitingFor(
      'scan.stop-requested',
      runningScan({ step: 'stopping', stopping: stopping.stopping }),
    )
    atScanner(world, { launched: false })
    await world.deliver('stop')
    expect(world.scanner().marked(TASK)).toEqual([])
    expect(await world.scan(TASK)).toMatchObject({ status: 'canceled' })
  })

  test('keeps the report of a run that was launched, and ended, between its looks', async () => {
    const world = await waitingFor(
      'scan.stop-requested',
      runningScan({ step: 'stopping', stopping: stopping.stopping, scanner_scan_id: 1 }),
    )
    const made = atScanner(world, { launched: false })
    let looks = 0
    world.scanner().fault = (method, moment) => {
      if (method !== 'state' || moment !== 'before' || (looks += 1) !== 2) return
      Object.assign(made, { launchedAtMs: world.clock.ms - 5000, runMs: 1000, launches: 1 })
    }
    await world.settleDown()
    expect(world.scanner().marked(TASK)).toHaveLength(1)
    expect(await world.scan(TASK)).toMatchObject({ status: 'canceled', results_summary: { hosts_scanned: 1 } })
  })

  test('never touches what people made', async () => {
    const world = await waitingFor('scan.stop-requested', { ...stopping, origin: 'adopted' })
    atScanner(world)
    await world.deliver('stop')
    expect(world.scanner().calls).toEqual([])
    expect(await world.scan(TASK)).toMatchObject({ status: 'canceled' })
  })

  test('a second request finds the scan ended and leaves it', async () => {
    const world = await waitingFor('scan.stop-requested', stopping)
    await world.settleDown()
    const { revision } = await world.scan(TASK)
    await world.emit('scan.stop-requested', {}, { subject: TASK, id: 'again' })
    await world.deliver('stop')
    expect(await world.scan(TASK)).toMatchObject({ revision })
  })
})
