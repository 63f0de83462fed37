/** launch: starts the scan at its scanner, once. */
import { describe, expect, test } from 'vitest'
import type { Bus } from '../../../lib/bus/bus.ts'
import { parseEvent } from '../../../lib/bus/event.ts'
import { PermitLapsed } from '../../../lib/base/permit.ts'
import { runDelivery } from '../../../lib/runtime/run-delivery.ts'
import { compileChange, update } from '../../../lib/scans/change.ts'
import { runningScan, TASK } from '../../support/scan-record.ts'
import { atScanner, letters, waitingFor, withSettle } from '../../runtime/support/waiting-for.ts'

describe('launch', () => {
  const launching = runningScan({ step: 'launching', scanner_scan_id: 1 })

  test('launches the scan', async () => {
    const world = await waitingFor('scan.created', launching)
    atScanner(world, { launched: false })
    await world.deliver('launch')
    expect(await world.scan(TASK)).toMatchObject({ step: 'scanning', run_uuid: 'run-1-1', progress: 0 })
    expect(world.waiting('poll')).toEqual(['scan.launched'])
  })

  test('does not launch what runs or has run', async () => {
    for (const runMs of [60_000, 0]) {
      const world = await waitingFor('scan.created', launching)
      const scan = atScanner(world)
      scan.launches = 1
      scan.runMs = runMs
      await world.deliver('launch')
      expect(world.scanner().tally(TASK).launches).toBe(0)
      expect(await world.scan(TASK)).toMatchObject({ step: 'scanning' })
    }
  })

  test.each([
    ['create', 'scan.admitted', runningScan()],
    ['launch', 'scan.created', launching],
  ])('%s sends nothing once its lease is in doubt', async (name, type, scan) => {
    const world = await waitingFor(type, scan)
    if (name === 'launch') atScanner(world, { launched: false })
    const [delivery] = await world.bus.pull(new Map([[name, 1]]))
    const renew: Bus['renew'] = async () => () => {
      throw new PermitLapsed('the worker stood still')
    }
    const bus = Object.assign(
      withSettle(world, (...each) => world.bus.settle(...each)),
      { renew },
    )
    const before = { ...world.scanner().tally(TASK) }
    expect(await runDelivery(delivery!, world.runner(bus))).toBe('retried')
    expect(world.scanner().tally(TASK)).toEqual({ ...before, launches: 0 })
  })

  test('stops what it launched once more after another had seen the scan through, and nothing else', async () => {
    for (const [now, phase] of [
      [{ status: 'completed', step: 'done', ended_at: '2026-03-01T09:00:00.000Z' }, 'canceled'],
      [{ step: 'scanning' }, 'active'],
    ] as const) {
      const world = await waitingFor('scan.created', launching)
      const made = atScanner(world, { launched: false })
      const [delivery] = await world.bus.pull(new Map([['launch', 1]]))
      const bus = withSettle(world, async () => {
        const { scanKeys } = world.services
        world.server.commit(compileChange(update(await world.scan(TASK), now), scanKeys, world.server.keys), [])
        return 'fenced'
      })
      expect(await runDelivery(delivery!, world.runner(bus))).toBe('fenced')
      world.clock.ms += 2000
      expect(world.scanner().phase(made)).toBe(phase)
    }
  })

  test('is launched once though its event came twice and the worker that acted for it died before it could say so', async () => {
    const world = await waitingFor('scan.created', launching)
    const made = atScanner(world, { launched: false })
    made.runMs = 1000
    const event = parseEvent(world.server.keyspace.stream(world.server.keys.inbox('launch'))[0]!.fields['e']!)
    await world.bus.publish([{ to: 'launch', event, delayMs: 0, attempt: 1, again: true }])
    const [one, double] = await world.bus.pull(new Map([['launch', 2]]))
    const dies = withSettle(world, () => Promise.reject(new Error('the worker died')))
    const ends: (string | undefined)[] = []
    world.scanner().fault = async (method, moment) => {
      if (method !== 'state' || moment !== 'after' || ends.length > 0) return
      // The first has seen that the scan never ran, and stands still; meanwhile the second runs as a whole.
      ends.push('the second')
      ends.push(await runDelivery(double!, world.runner(dies)).catch(() => 'died'))
      world.clock.ms += 5000
    }
    ends.push(await runDelivery(one!, world.runner(world.bus)))
    expect(world.scanner().tally(TASK).launches).toBe(1)
    expect(ends).toEqual(['the second', 'died', 'settled'])
  })

  test('the double of an event that is being seen to waits, and that costs no attempt', async () => {
    const world = await waitingFor('scan.created', launching)
    atScanner(world, { launched: false })
    const event = parseEvent(world.server.keyspace.stream(world.server.keys.inbox('launch'))[0]!.fields['e']!)
    await world.bus.publish([{ to: 'launch', event, delayMs: 0, attempt: 1, again: true }])
    const [one, double] = await world.bus.pull(new Map([['launch', 2]]))
    expect(await world.bus.renew(one!)).toBeDefined()
    expect(await runDelivery(double!, world.runner(world.bus))).toBe('retried')
    expect(world.server.delayed()).toMatchObject([{ to: 'launch', attempt: 1 }])
  })

  test('an event that came twice and dies twice leaves one dead letter', async () => {
    const world = await waitingFor('scan.created', launching)
    const event = parseEvent(world.server.keyspace.stream(world.server.keys.inbox('launch'))[0]!.fields['e']!)
    await world.bus.publish([{ to: 'launch', event, delayMs: 0, attempt: 1, again: true }])
    const [one, double] = await world.bus.pull(new Map([['launch', 2]]))
    expect(await runDelivery(one!, world.runner(world.bus))).toBe('dead')
    expect(await runDelivery(double!, world.runner(world.bus))).toBe('dead')
    expect(letters(world)).toHaveLength(1)
    expect(world.waiting('launch')).toEqual([])
  })

  test('launches nothing when the scan is stopped just before', async () => {
    const world = await waitingFor('scan.created', launching)
    atScanner(world, { launched: false })
    let stopped = false
    world.scanner().fault = async (method, moment) => {
      if (method !== 'state' || moment !== 'after' || stopped) return
      stopped = true
      await world.call('stop_scan', { task_id: TASK })
    }
    await world.deliver('launch')
    expect(world.scanner().tally(TASK).launches).toBe(0)
  })

  test('gives up on a scan that is gone', async () => {
    const world = await waitingFor('scan.created', launching)
    expect(await world.deliver('launch')).toBe('dead')
  })
})
