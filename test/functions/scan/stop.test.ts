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
