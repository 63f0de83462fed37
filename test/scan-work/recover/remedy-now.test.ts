/** Goal: what is advised can be done. A replay is named only while there is a letter that can be replayed. */
import * as v from 'valibot'
import { describe, expect, test } from 'vitest'
import { CallerMistake, PermanentError } from '../../../lib/base/errors.ts'
import { expectationOf } from '../../../lib/runtime/expectation-of.ts'
import { letterGone } from '../../../lib/scan-work/recover/letter-gone.ts'
import { readLetters } from '../../../lib/scan-work/recover/read-letters.ts'
import { planReplay } from '../../../lib/scan-work/recover/replay-letter.ts'
import { COURSE } from '../../../lib/scans/course.ts'
import type { Scan } from '../../../lib/scans/record.ts'
import { scannerEntry } from '../../support/fake-registry.ts'
import { runningScan, TASK } from '../../support/scan-record.ts'
import { makeWorld, routes, type World } from '../../support/world.ts'

/** A scan whose creation was given up, for `error`. */
async function failedWorld(patch: Partial<Scan> = {}, error: Error = new PermanentError('no licence')) {
  const world = makeWorld()
  world.scanner().fault = (method) => {
    if (method === 'create') throw error
  }
  const { id } = await world.emit('scan.admitted', {}, { subject: TASK })
  await world.put(runningScan({ next: id, ...patch }))
  await world.settleDown()
  return world
}

const Advised = v.object({ result: v.object({ next: v.string(), error: v.object({ remedy: v.string() }) }) })

/** What the scan's owner is told to do, wherever they ask. */
async function advice(world: World): Promise<string> {
  const { result } = v.parse(Advised, await world.call('get_scan_status', { task_id: TASK }))
  expect(result.error.remedy).toBe(result.next)
  expect(JSON.stringify(await world.call('get_scan_results', { task_id: TASK }))).toContain(result.next)
  return result.next
}

async function letters(world: World) {
  const found = []
  for await (const letter of readLetters(world.bus.keyspace, world.bus.keys)) found.push(letter)
  return found
}

const replayOf = async (world: World) => {
  const [letter] = await letters(world)
  return planReplay(letter!, { ...world.services, bus: world.bus, routes })
}

test('every row of the course says what to do without a replay', () => {
  for (const { remedy, otherwise } of COURSE) {
    expect(otherwise).not.toMatch(/replay/)
    expect(otherwise).not.toBe(remedy)
  }
})

describe('a scan whose creation was given up', () => {
  test('is replayed while its letter can be', async () => {
    const world = await failedWorld()
    expect(await advice(world)).toMatch(/have an operator replay it/)
    await expect(replayOf(world)).resolves.toBeDefined()
  })

  test('is started again once its letter is gone', async () => {
    const world = await failedWorld()
    const [letter] = await letters(world)
    const gone = letterGone(letter!, { why: 'discarded', who: 'ann', open: letter!.function }, world.bus.keys)
    await world.bus.publish([], gone)
    expect(await advice(world)).toMatch(/start the scan again/)
    expect(await advice(world)).not.toMatch(/replay/)
  })

  test('is started again with its credentials when they were erased', async () => {
    const credentials = { kind: 'named' as const, ref: 'linux', shown: {} }
    const world = await failedWorld({ credentials })
    expect(await advice(world)).toMatch(/replay/)
    await expect(replayOf(world)).resolves.toBeDefined()
    const sealed = await failedWorld({ credentials: { ...credentials, kind: 'sealed' } })
    expect(await advice(sealed)).toBe('Start the scan again, with its credentials: they were erased when it failed.')
    await expect(replayOf(sealed)).rejects.toThrow(/credentials were erased/)
  })

  test.each([
    ['its pool has no scanner any more', {}, scannerEntry({ pool: 'far' }), 'pool lab'],
    ['its scanner has left', { scanner_scan_id: 1 }, scannerEntry({ instanceId: 'two' }), 'scanner lab/one'],
    ['the one it was pinned to has left', { pinned_instance: 'one' }, scannerEntry({ instanceId: 'two' }), 'lab/one'],
  ] as const)('has its scanner put back, or goes to another, when %s', async (_case, patch, entry, what) => {
    const world = await failedWorld()
    const failed = await world.scan(TASK)
    const other = makeWorld({ entries: [entry] })
    await other.put({ ...failed, ...patch })
    carryLetters(world, other)
    const said = await advice(other)
    expect(said).toContain(`Put ${what} back into scanners.yaml`)
    expect(said).toContain('at another scanner')
    await expect(replayOf(other)).rejects.toThrow(/cannot be replayed.*Put .* back into scanners.yaml/)
  })

  test('by its caller fails at once with what the caller is to do, and leaves no letter (D3)', async () => {
    const error = new CallerMistake('template: expected one that scanner lab/one can run, got "nope"', 'Take another.')
    const world = await failedWorld({}, error)
    expect(await world.scan(TASK)).toMatchObject({
      status: 'failed',
      failure: { step: 'create', message: error.message },
    })
    expect((await world.scan(TASK)).failure).not.toHaveProperty('dead_letter')
    expect(await letters(world)).toEqual([])
    expect(await advice(world)).toBe('Take another.')
    expect(await world.services.scans.used('lab/one')).toBe(0)
  })
})

test('a scan that its scanner lost has no letter, and is started again', async () => {
  const world = makeWorld()
  const { id } = await world.emit('scan.launched', {}, { subject: TASK })
  await world.put(
    runningScan({ next: id, step: 'scanning', scanner_scan_id: 7, launched_at: '2026-03-01T08:00:00.000Z' }),
  )
  await world.settleDown()
  expect(await world.scan(TASK)).toMatchObject({ status: 'failed' })
  expect(await advice(world)).toBe('Start the scan again if it is still needed.')
})

describe('after a timeout', () => {
  const stopping = { as: 'timeout' as const, reason: 'r' }

  test('stop_scan names the status that the scan will have', async () => {
    const world = makeWorld()
    await world.put(runningScan({ step: 'stopping', stopping }))
    expect(await world.call('stop_scan', { task_id: TASK })).toMatchObject({
      result: { next: expect.stringMatching(/until the status is timeout/) },
    })
  })

  test.each([
    [{ stopping, scan_outcome: 'canceled' }, 'timeout'],
    [{ stopping, scan_outcome: 'completed' }, 'completed'],
    [{ stopping: { as: 'canceled', reason: 'r' }, scan_outcome: 'canceled' }, 'canceled'],
    [{ stopping: { as: 'failed', reason: 'r' }, scan_outcome: 'canceled' }, 'failed'],
    [{ scan_outcome: 'aborted' }, 'aborted'],
  ] as const)('its report is judged as one that was cut short by that: %j', (patch, scanStatus) => {
    expect(expectationOf(runningScan(patch), 'sha').scanStatus).toBe(scanStatus)
  })
})

/** Puts the letters of one world into another. */
function carryLetters(from: World, to: World): void {
  const { keyspace, keys } = from.server
  for (const { fields } of keyspace.stream(keys.dead)) {
    to.server.keyspace.apply(['XADD', keys.dead, '*', ...Object.entries(fields).flat()])
  }
  const open = keyspace.data.get(keys.openLetters) as Map<string, string>
  for (const [letter, name] of open) to.server.keyspace.apply(['HSET', keys.openLetters, letter, name])
}
