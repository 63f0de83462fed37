/** Goal: what becomes of each failure, as a table: R3 to R6. */
import { describe, expect, test } from 'vitest'
import { PermanentError, Refusal } from '../../../lib/base/errors.ts'
import type { Delivery } from '../../../lib/bus/bus.ts'
import { SeenToElsewhere } from '../../../lib/runtime/delivery-context.ts'
import { decide, DELIVERIES_MAX, screen } from '../../../lib/runtime/retry/decide.ts'
import { ScannerAwayError, ScannerBusyError } from '../../../lib/scanners/away-error.ts'

const NOW = new Date('2026-03-01T08:00:00Z')
const HOUR_MS = 3_600_000
const limits = {
  now: NOW,
  scanTimeoutMs: 24 * HOUR_MS,
  backoff: { baseMs: 1000, maxMs: 60_000 },
  random: () => 1,
  stopping: false,
}
const step = { name: 'poll', kind: 'scan', attemptsMax: 8 } as const
const call = { name: 'stop_scan', kind: 'call', attemptsMax: 1 } as const
const upkeep = { name: 'sweep', kind: 'upkeep', attemptsMax: 8 } as const

const away = new ScannerAwayError('lab/one cannot be reached', { scanner: 'lab/one' })
const busy = new ScannerBusyError('lab/one is busy', { scanner: 'lab/one', retryAfterMs: 600_000 })
const full = Object.assign(new Error('write failed'), { code: 'ENOSPC' })
const wrapped = new Error('the report cannot be kept', { cause: full })
const asksForTime = Object.assign(new Error('slow down'), { retryAfterMs: 90_000 })

describe('a run that failed', () => {
  test.each([
    ['any error is one attempt more (R3)', new Error('odd'), step, 1, { do: 'retry', counts: true }],
    ['also for what runs by the clock (R3)', new Error('odd'), upkeep, 7, { do: 'retry', counts: true }],
    ['the last attempt gives up (R3)', new Error('odd'), step, 8, { do: 'give up' }],
    ['what trying again cannot help gives up at once (R3)', new PermanentError('no'), step, 1, { do: 'give up' }],
    ['the pause asked for is kept', asksForTime, step, 1, { do: 'retry', delayMs: 90_000 }],
    [
      'a scanner that is away costs nothing (R4)',
      away,
      step,
      8,
      { do: 'wait', trouble: { with: 'scanner', scanner: 'lab/one' } },
    ],
    ['a busy one is left alone as long as it asked (R4)', busy, step, 1, { do: 'wait', delayMs: 600_000 }],
    ['a full disk costs nothing (R4)', full, step, 8, { do: 'wait', trouble: { with: 'disk' } }],
    ['also at the bottom of another error (R4)', wrapped, upkeep, 1, { do: 'wait', trouble: { with: 'disk' } }],
    [
      'the double of an event costs nothing (R5)',
      new SeenToElsewhere('twice'),
      step,
      8,
      { do: 'retry', counts: false },
    ],
    [
      'a call is answered with its refusal (R6)',
      new Refusal('conflict', 'no'),
      call,
      1,
      { do: 'answer', refusal: { code: 'conflict' } },
    ],
    [
      'with what cannot be helped (R6)',
      new PermanentError('bad'),
      call,
      1,
      { do: 'answer', refusal: { code: 'invalid_argument' } },
    ],
    ['with the scanner being away (R6)', away, call, 1, { do: 'answer', refusal: { code: 'unavailable' } }],
    ['with anything else (R6)', new Error('odd'), call, 1, { do: 'answer', refusal: { code: 'internal' } }],
  ])('%s', (_, error, definition, attempt, expected) => {
    expect(decide(error, { attempt }, definition, limits)).toMatchObject(expected)
  })

  test.each([
    ['a scanner', away],
    ['a disk', full],
  ])('%s is waited for as long as a scan may take, then it is a failure like any other (R4)', (_, error) => {
    const since = (hours: number) => ({ attempt: 1, firstFailureAt: NOW.getTime() - hours * HOUR_MS })
    expect(decide(error, since(23), step, limits)).toMatchObject({ do: 'wait' })
    expect(decide(error, since(25), step, limits)).toMatchObject({ do: 'retry', counts: true })
  })

  test.each([new Error('odd'), new PermanentError('no'), away, full])(
    'a worker that is told to stop hands over what it could not finish (%s) (R3)',
    (error) => {
      expect(decide(error, { attempt: 8 }, step, { ...limits, stopping: true })).toEqual({ do: 'leave' })
      expect(decide(error, { attempt: 1 }, call, { ...limits, stopping: true })).toMatchObject({ do: 'answer' })
    },
  )
})

describe('a delivery', () => {
  const event = {
    specversion: '1.0',
    id: '1',
    type: 'scan.created',
    source: 't',
    time: NOW.toISOString(),
    data: {},
  } as const
  const given = (patch: object): Delivery =>
    ({ function: 'poll', entryId: '1-0', deliveries: 1, attempt: 1, event, raw: '', ...patch }) as Delivery
  const lapsed = { ...event, expirytime: '2026-03-01T07:59:59Z' }
  const open = { ...event, expirytime: '2026-03-01T08:00:01Z' }

  test.each([
    ['is run', {}, step, { do: 'run' }],
    ['that is no event is given up', { event: undefined }, step, { do: 'give up' }],
    ['for a function that is not here is given up', {}, undefined, { do: 'give up' }],
    ['is run once more after a death (R3)', { deliveries: DELIVERIES_MAX }, step, { do: 'run' }],
    ['is poison after too many (R3)', { deliveries: DELIVERIES_MAX + 1 }, step, { do: 'give up' }],
    ['of a call whose worker died is answered (R6)', { deliveries: 2 }, call, { do: 'answer' }],
    ['of a call that nobody waits for any more is answered (R6)', { event: lapsed }, call, { do: 'answer' }],
    ['of a call in time is run', { event: open }, call, { do: 'run' }],
  ])('%s', (_, patch, definition, expected) => {
    expect(screen(given(patch), definition, NOW) ?? { do: 'run' }).toMatchObject(expected)
  })
})
