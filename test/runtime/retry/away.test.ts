/** Goal: while a scanner is away its scans say so and no others are sent there; when it is back all that is over at once. */
import { describe, expect, test } from 'vitest'
import { statusView } from '../../../lib/scan-work/show/status-view.ts'
import { ScanBusyError, ScannerAwayError } from '../../../lib/scanners/away-error.ts'
import { afterProbe, healthWrite, knownHealth, type KnownHealth } from '../../../lib/scanners/health.ts'
import { queuedScan, TASK } from '../../support/scan-record.ts'
import type { World } from '../../support/world.ts'
import { atScanner, scanning, waitingFor } from '../support/waiting-for.ts'

const OTHER = 'ns_one_20260301_080001_0000000b'
const GONE = 'lab/one cannot be reached'

/** A running scan whose scanner goes away just before it is looked at; `back()` ends that. */
async function worldWithoutScanner() {
  const world = await waitingFor('scan.launched', scanning())
  atScanner(world).runMs = 1e9
  let away = true
  world.scanner().fault = () => {
    if (away) throw new ScannerAwayError(GONE, { scanner: 'lab/one' })
  }
  return { world, back: () => void (away = false) }
}

async function healthOf({ services, bus }: World): Promise<KnownHealth | undefined> {
  return (await knownHealth(services.keyspace, services.scanKeys, bus.now())).get('lab/one')
}

/** Moves the clock to the moment at which the one delayed event is due. */
function untilDue({ server, clock }: World): void {
  clock.ms += server.delayed()[0]!.delayMs
  server.promote()
}

describe('a scanner that is away', () => {
  test('costs no attempt, is told in the record, and gets no new scans', async () => {
    const { world } = await worldWithoutScanner()
    expect(await world.deliver('poll')).toBe('retried')
    expect(world.server.delayed()).toMatchObject([{ to: 'poll', attempt: 1 }])
    expect(await world.scan(TASK)).toMatchObject({ status: 'running', trouble: { message: GONE } })
    expect(await healthOf(world)).toMatchObject({ ready: false, problem: GONE })
    await world.put(queuedScan({ task_id: OTHER }))
    await world.emit('scan.requested', { pool: 'lab' }, { subject: OTHER })
    await world.deliver('admit')
    expect(await world.scan(OTHER)).toMatchObject({ status: 'queued' })
  })

  test('that is back is told by the first step that gets through: the trouble is over, and who waited goes there', async () => {
    const { world, back } = await worldWithoutScanner()
    await world.deliver('poll')
    await world.put(queuedScan({ task_id: OTHER }))
    back()
    untilDue(world)
    expect(await world.deliver('poll')).toBe('settled')
    expect((await world.scan(TASK)).trouble).toBeUndefined()
    expect(await healthOf(world)).toMatchObject({ ready: true })
    expect(world.waiting('admit')).toEqual(['slot.freed'])
    await world.deliver('admit')
    expect(await world.scan(OTHER)).toMatchObject({ status: 'running', scanner_instance: 'one' })

    // Once is enough: the next look finds no trouble.
    untilDue(world)
    await world.deliver('poll')
    expect(world.waiting('admit').filter((type) => type === 'slot.freed')).toHaveLength(1)
  })
})

describe('nobody is told that it is back', () => {
  test('by an event that came too late to ask it anything', async () => {
    const { world } = await worldWithoutScanner()
    await world.deliver('poll')
    await world.emit('scan.poll-due', {}, { subject: TASK, id: 'an older one' })
    expect(await world.deliver('poll')).toBe('settled')
    expect(await healthOf(world)).toMatchObject({ ready: false })
    expect(world.waiting('admit')).toEqual([])
    expect(await world.scan(TASK)).toMatchObject({ trouble: { message: GONE } })
  })
})

test('being away and back does not make anyone forget that its licence cannot launch', async () => {
  const { world, back } = await worldWithoutScanner()
  const checked_at = world.bus.now().toISOString()
  const { keyspace, scanKeys } = world.services
  world.server.keyspace.apply(healthWrite(scanKeys, 'lab/one', { ready: true, launch: 'not_allowed', checked_at }))
  await world.deliver('poll')
  back()
  untilDue(world)
  await world.deliver('poll')
  expect((await knownHealth(keyspace, scanKeys, world.bus.now())).get('lab/one')).toMatchObject({
    ready: true,
    launch: 'not_allowed',
  })
})

describe('a scanner that a step found refusing', () => {
  const probed = (world: World, patch: Partial<KnownHealth> = {}): KnownHealth => {
    return { ready: true, launch: 'allowed', checked_at: world.bus.now().toISOString(), ...patch }
  }

  test('gets no new scans though its status page looks well, until the step has tried again', async () => {
    const { world } = await worldWithoutScanner()
    await world.deliver('poll')
    world.scanner().fault = () => {}
    await world.emit('probe.due', {})
    await world.deliver('probe')
    expect(await healthOf(world)).toMatchObject({ ready: false, problem: GONE, launch: 'allowed' })
    world.clock.ms += 60_000
    await world.emit('probe.due', {})
    await world.deliver('probe')
    expect(await healthOf(world)).toMatchObject({ ready: true })
  })

  test('is as bad as a probe says, when that is worse', async () => {
    const { world } = await worldWithoutScanner()
    await world.deliver('poll')
    const before = await healthOf(world)
    expect(afterProbe(before, probed(world, { ready: false, problem: 'still loading' }))).toMatchObject({
      ready: false,
      problem: 'still loading',
    })
    expect(afterProbe(undefined, probed(world))).toEqual(probed(world))
  })

  test('keeps no other scan away when it only refused this one', async () => {
    const { world } = await worldWithoutScanner()
    world.scanner().fault = () => {
      throw new ScanBusyError('scan 1 is still stopping', { scanner: 'lab/one' })
    }
    await world.deliver('poll')
    expect(await healthOf(world)).toBeUndefined()
    expect(await world.scan(TASK)).toMatchObject({ trouble: { with: 'scan', message: 'scan 1 is still stopping' } })
  })
})

describe('how long it is waited for', () => {
  test('counts from the first failure, not from the last', async () => {
    const { world } = await worldWithoutScanner()
    await world.deliver('poll')
    const began = world.clock.ms
    for (let tries = 0; world.server.delayed()[0]?.to === 'poll' && tries < 500; tries++) {
      untilDue(world)
      await world.deliver('poll')
      if (world.clock.ms - began > 2 * world.services.limits.scanTimeoutMs) break
    }
    expect(world.clock.ms - began).toBeLessThan(1.5 * world.services.limits.scanTimeoutMs)
    await world.settleDown()
    // Nobody knows whether it runs: it is stopped as soon as that can be, and has its place until then.
    expect(await world.scan(TASK)).toMatchObject({ status: 'running', step: 'stopping', stopping: { as: 'failed' } })
  })
})

test('every retry shows in the record, also one that costs an attempt, with what is wrong now and since when', async () => {
  const { world } = await worldWithoutScanner()
  let message = 'odd'
  world.scanner().fault = () => {
    throw new Error(message)
  }
  await world.deliver('poll')
  const { trouble } = await world.scan(TASK)
  expect(trouble).toMatchObject({ with: 'scan', message: 'poll has failed and is tried again: odd' })
  message = 'odder'
  untilDue(world)
  await world.deliver('poll')
  expect((await world.scan(TASK)).trouble).toEqual({ ...trouble, message: 'poll has failed and is tried again: odder' })
})

test('a step that no worker serves shows as trouble, and a worker that comes ends it', async () => {
  const { world } = await worldWithoutScanner()
  const view = async () => statusView(await world.scan(TASK), { ...world.services, now: world.bus.now() })
  expect((await view()).trouble).toMatchObject({
    message: expect.stringMatching(/^no worker serves the step poll; start/),
  })
  const { keyspace, keys } = world.server
  keyspace.apply(['ZADD', keys.hosting('poll'), String(world.clock.ms), 'a worker'])
  expect((await view()).trouble).toBeNull()
  const seenMs = world.clock.ms
  world.clock.ms += 3_600_000
  expect((await view()).trouble).toMatchObject({ since: new Date(seenMs).toISOString() })
})
