/** Goal: a new row of the course is all that a new step needs not to be taken for lost, and to be told from no step. */
import { expect, test } from 'vitest'
import { COURSE, carriersOf, eventAt, remedyFor, stepOf } from '../../lib/scans/course.ts'
import { STEPS } from '../../lib/scans/states.ts'
import { lostScans } from '../../lib/scan-work/recover/lost-scans.ts'
import { planReplay } from '../../lib/scan-work/recover/replay-letter.ts'
import type { DeadLetter } from '../../lib/scan-work/recover/read-letters.ts'
import { queuedScan, runningScan, TASK } from '../support/scan-record.ts'
import { envelope, makeWorld, START_MS } from '../support/world.ts'

test('each step, function and remedy stands once', () => {
  expect(new Set(COURSE.map(({ step }) => step)).size).toBe(COURSE.length)
  expect(new Set(COURSE.map((row) => row.function)).size).toBe(COURSE.length)
  expect(STEPS).toEqual(['waiting', ...COURSE.map(({ step }) => step), 'done'])
})

test.each(COURSE)('$function works at $step and goes on with $goesOnWith', (row) => {
  expect(stepOf(row.function)).toBe(row.step)
  expect(eventAt(row.step)).toBe(row.goesOnWith)
  expect(remedyFor(row.function)).toBe(row.remedy)
})

test('a scan that has no step yet goes on with its creation, and what is no step has none', () => {
  expect(eventAt('waiting')).toBe('scan.admitted')
  expect(stepOf('clean-up')).toBeUndefined()
})

test('a scan whose event lies in the inbox of a made-up new step is not lost', async () => {
  const world = makeWorld()
  await world.put(runningScan({ next: 'checked', started_at: new Date(START_MS - 3_600_000).toISOString() }))
  const event = envelope({
    id: 'checked',
    type: 'scan.checked',
    data: {},
    time: new Date().toISOString(),
    subject: TASK,
  })
  await world.bus.publish([{ to: 'check', event, delayMs: 0, attempt: 1 }])
  const lost = (carriers: readonly string[]) =>
    lostScans({ ...world.services, now: world.bus.now() }, carriers).then((found) => found.lost.length)
  const step = {
    step: 'checking',
    function: 'check',
    goesOnWith: 'scan.checked',
    remedy: 'Check again.',
    otherwise: 'Check.',
  }
  expect(await lost(carriersOf())).toBe(1)
  expect(await lost(carriersOf([...COURSE, step]))).toBe(0)
})

test('the letter of a step that this version does not know is refused, not said to be replayed', async () => {
  const world = makeWorld()
  const failure = { step: 'check', message: 'no', remedy: 'none', dead_letter: 'e@check' }
  await world.put(queuedScan({ status: 'failed', step: 'done', ended_at: new Date(START_MS).toISOString(), failure }))
  const event = envelope({ id: 'e', type: 'scan.checked', data: {}, time: new Date().toISOString(), subject: TASK })
  const letter = { id: 'e@check', function: 'check', taskId: TASK, event } as unknown as DeadLetter
  const deps = { ...world.services, bus: world.bus, routes: new Map(), randomHex: () => '0' }
  await expect(planReplay(letter, deps)).rejects.toThrow('this version knows no step check')
})
