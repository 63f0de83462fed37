/** fail: what becomes of a scan whose event was given up. */
import { describe, expect, test } from 'vitest'
import { endedScan, runningScan, TASK } from '../../support/scan-record.ts'
import { makeWorld } from '../../support/world.ts'
import { atScanner } from '../../runtime/support/waiting-for.ts'

describe('fail', () => {
  test('ends the scan that waited for the event that died', async () => {
    const world = makeWorld()
    await world.put(runningScan({ next: 'dead-one' }))
    const data = { function: 'create', event: 'dead-one', attempts: 8, error: 'no route' }
    await world.emit('event.dead', data, { subject: TASK })
    await world.deliver('fail')
    expect(await world.scan(TASK)).toMatchObject({
      status: 'failed',
      failure: { step: 'create', message: 'no route', dead_letter: 'dead-one@create' },
    })
    expect(await world.services.scans.used('lab/one')).toBe(0)
  })

  test('leaves a scan alone that has gone on, or has ended', async () => {
    for (const scan of [runningScan({ next: 'another' }), endedScan()]) {
      const world = makeWorld()
      await world.put(scan)
      await world.emit('event.dead', { function: 'create', event: 'dead-one', error: 'x' }, { subject: TASK })
      expect(await world.deliver('fail')).toBe('settled')
      expect(await world.scan(TASK)).toEqual(scan)
    }
  })

  test('does not end a scan whose stop killed its workers: nobody knows that it has stopped', async () => {
    const world = makeWorld()
    await world.put(runningScan({ next: 'dead-one', step: 'stopping', stopping: { as: 'canceled', reason: 'r' } }))
    await world.emit('event.dead', { function: 'stop', event: 'dead-one', error: 'x' }, { subject: TASK })
    await world.deliver('fail')
    expect(await world.scan(TASK)).toMatchObject({
      status: 'running',
      step: 'stopping',
      trouble: { message: 'It could not be stopped: x' },
    })
    expect(await world.services.scans.used('lab/one')).toBe(1)
  })

  test.each(['launching', 'scanning'] as const)(
    'stops a scan first that may still run, and keeps its slot until it has: %s',
    async (step) => {
      const world = makeWorld()
      await world.put(
        runningScan({ next: 'dead-one', step, scanner_scan_id: 1, launched_at: '2026-03-01T08:00:00.000Z' }),
      )
      const made = atScanner(world)
      made.runMs = 1e9
      const data = { function: step === 'launching' ? 'launch' : 'poll', event: 'dead-one', error: 'odd' }
      await world.emit('event.dead', data, { subject: TASK })
      await world.deliver('fail')
      expect(await world.scan(TASK)).toMatchObject({ status: 'running', step: 'stopping', failure: { message: 'odd' } })
      expect(await world.services.scans.used('lab/one')).toBe(1)
      await world.pass(60_000)
      expect(world.scanner().phase(made)).toBe('canceled')
      expect(await world.scan(TASK)).toMatchObject({
        status: 'failed',
        failure: { step: data.function, message: 'odd' },
      })
      expect(await world.services.scans.used('lab/one')).toBe(0)
    },
  )
})
