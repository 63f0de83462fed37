/** The beginning of a scan's life: what each step does, what it gives up on, and what it leaves alone. */
import { describe, expect, test } from 'vitest'
import type { Bus } from '../../../lib/bus/bus.ts'
import { parseEvent } from '../../../lib/bus/event.ts'
import { PermitLapsed } from '../../../lib/base/permit.ts'
import { runDelivery } from '../../../lib/runtime/run-delivery.ts'
import { compileChange, update } from '../../../lib/scans/change.ts'
import { scannerEntry } from '../../support/fake-registry.ts'
import { queuedScan, runningScan, TASK } from '../../support/scan-record.ts'
import { makeWorld, type World } from '../../support/world.ts'
import { atScanner, letters, waitingFor, withSettle } from '../../runtime/support/waiting-for.ts'

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

describe('create', () => {
  test('creates the scan, marked with its task id', async () => {
    const world = await waitingFor('scan.admitted', runningScan())
    await world.deliver('create')
    expect(world.scanner().marked(TASK)).toMatchObject([{ asked: { targets: '192.0.2.10', template: 'basic' } }])
    expect(await world.scan(TASK)).toMatchObject({ step: 'launching', scanner_scan_id: 1 })
    expect(world.waiting('launch')).toEqual(['scan.created'])
  })

  test('adopts what an earlier run of it made', async () => {
    const world = await waitingFor('scan.admitted', runningScan())
    atScanner(world, { launched: false })
    await world.deliver('create')
    expect(world.scanner().tally(TASK).creates).toBe(1)
    expect(await world.scan(TASK)).toMatchObject({ scanner_scan_id: 1 })
  })

  test('finds the scan again after a link that broke behind its creation', async () => {
    const world = await waitingFor('scan.admitted', runningScan())
    let broken = true
    world.scanner().fault = (method, moment) => {
      if (method !== 'create' || moment !== 'after' || !broken) return
      broken = false
      throw new Error('connection reset')
    }
    expect(await world.deliver('create')).toBe('retried')
    await world.pass(60_000)
    expect(world.scanner().tally(TASK)).toMatchObject({ creates: 1, launches: 1 })
  })

  test('removes an orphan when its scan has been stopped meanwhile', async () => {
    const world = await waitingFor('scan.admitted', runningScan())
    await world.put(runningScan({ task_id: 'ns_one_20260301_080000_0000000a' }))
    await world.call('stop_scan', { task_id: TASK })
    atScanner(world, { launched: false })
    await world.deliver('create')
    expect(world.scanner().marked(TASK)).toEqual([])
  })

  test('creates nothing when the scan is stopped just before', async () => {
    const world = await waitingFor('scan.admitted', runningScan())
    let stopped = false
    world.scanner().fault = async (method, moment) => {
      if (method !== 'findMarked' || moment !== 'after' || stopped) return
      stopped = true
      await world.call('stop_scan', { task_id: TASK })
    }
    expect(await world.deliver('create')).toBe('settled')
    expect(world.scanner().tally(TASK).creates).toBe(0)
  })

  test('leaves what it made to the worker that took over, unless that made its own', async () => {
    for (const [recorded, left] of [
      [undefined, 1],
      [7, 0],
    ] as const) {
      const world = await waitingFor('scan.admitted', runningScan())
      world.scanner().fault = async (method, moment) => {
        if (method !== 'create' || moment !== 'after') return
        // The lease lapses while the answer is on its way, and another worker takes the event.
        world.clock.ms += 31_000
        const other = world.server.bus('other')
        await other.pull(new Map([['create', 0]]))
        await other.claim(new Map([['create', 1]]), true)
        if (recorded !== undefined) await setScannerId(world, recorded)
      }
      expect(await world.deliver('create')).toBe('fenced')
      expect(world.scanner().marked(TASK)).toHaveLength(left)
    }
  })

  test('gives up when the credentials are gone, and says what to do', async () => {
    const credentials = { kind: 'named', ref: 'linux', shown: {} } as const
    const world = await waitingFor('scan.admitted', runningScan({ credentials }))
    expect(await world.deliver('create')).toBe('dead')
    await world.deliver('fail')
    const { status, failure } = await world.scan(TASK)
    expect(status).toBe('failed')
    expect(failure).toMatchObject({ step: 'create', message: expect.stringContaining('linux') })
    expect(letters(world)).toMatchObject([{ letter: failure?.dead_letter, task: TASK }])
  })
})

async function setScannerId(world: World, id: number): Promise<void> {
  const scan = { ...(await world.scan(TASK)), scanner_scan_id: id }
  world.server.keyspace.apply(['HSET', world.services.scanKeys.scan(TASK), 'body', JSON.stringify(scan)])
}

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
