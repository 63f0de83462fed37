/** poll: follows a scan at its scanner. */
import { describe, expect, test } from 'vitest'
import { TASK } from '../../support/scan-record.ts'
import { atScanner, scanning, waitingFor } from '../../runtime/support/waiting-for.ts'

describe('poll', () => {
  test('looks again later while the scan runs, and its progress never goes back', async () => {
    const world = await waitingFor('scan.launched', scanning({ progress: 70 }))
    atScanner(world)
    world.clock.ms += 30_000
    await world.deliver('poll')
    expect(await world.scan(TASK)).toMatchObject({ step: 'scanning', progress: 70, scanner_status: 'running' })
    expect(world.server.delayed()).toMatchObject([{ to: 'poll', delayMs: 6000 }])
  })

  test.each([
    ['completed', { endsAs: 'completed' as const }],
    ['aborted', { endsAs: 'aborted' as const }],
    ['canceled', { stopsAtMs: 0 }],
  ])('sees that the run is %s and has its report fetched', async (outcome, patch) => {
    const world = await waitingFor('scan.poll-due', scanning())
    Object.assign(atScanner(world), patch)
    world.clock.ms += 120_000
    await world.deliver('poll')
    expect(await world.scan(TASK)).toMatchObject({ step: 'exporting', scan_outcome: outcome })
    expect(world.waiting('export')).toEqual(['scan.finished'])
  })

  test('has a scan stopped that runs too long', async () => {
    const world = await waitingFor('scan.poll-due', scanning())
    atScanner(world).runMs = 1e9
    world.clock.ms += 3_600_001
    await world.deliver('poll')
    expect(await world.scan(TASK)).toMatchObject({ step: 'stopping', stopping: { as: 'timeout' } })
    expect(world.waiting('stop')).toEqual(['scan.stop-requested'])
  })

  test('says so when someone deleted the scan', async () => {
    const world = await waitingFor('scan.poll-due', scanning())
    await world.settleDown()
    expect(await world.scan(TASK)).toMatchObject({
      status: 'failed',
      failure: { message: expect.stringContaining('is gone from the scanner') },
    })
  })

  test('leaves a stale event alone', async () => {
    const world = await waitingFor('scan.poll-due', scanning())
    await world.deliver('poll')
    await world.emit('scan.poll-due', {}, { subject: TASK, id: 'an older one' })
    const before = await world.scan(TASK)
    const calls = world.scanner().calls.length
    expect(await world.deliver('poll')).toBe('settled')
    expect(await world.scan(TASK)).toEqual(before)
    expect(world.scanner().calls).toHaveLength(calls)
  })
})
