import { setMaxListeners } from 'node:events'
import { setImmediate as turn } from 'node:timers/promises'
import { expect, onTestFinished, test } from 'vitest'
import type { CallAnswer } from '../../lib/gateway/answer.ts'
import { makeChanges } from '../../lib/gateway/changes.ts'
import { makeWaits } from '../../lib/gateway/waits.ts'

const TASK = 'ns_test_20260102_030405_00000001'
const tool = {
  name: 'get_scan_status',
  waits: {
    argument: 'wait_seconds',
    secondsMax: 45,
    sign: ({ status, step, trouble }: Readonly<Record<string, unknown>>) =>
      status === 'completed' ? undefined : [status, step, trouble].join(),
  },
}

function makeScan() {
  const changes = makeChanges()
  const waits = makeWaits(changes)
  onTestFinished(() => waits.close())
  const scan: Record<string, unknown> = { status: 'running', step: 'scanning', progress: 1, trouble: null }
  let looks = 0
  let revision = 1
  return {
    waits,
    looks: () => looks,
    /** Changes the scan, and says so on the log. */
    change(fields: Record<string, unknown>) {
      Object.assign(scan, fields)
      changes.hear({
        task: TASK,
        revision: String((revision += 1)),
        status: String(scan['status']),
        step: String(scan['step']),
        progress: String(scan['progress']),
        attention: typeof scan['trouble'] === 'string' ? scan['trouble'] : '',
      })
    },
    wait: (seconds: unknown = 45, signal?: AbortSignal, caller = 'ann') =>
      waits.answer({
        tool,
        args: { task_id: TASK, wait_seconds: seconds },
        caller,
        signal,
        async look(): Promise<CallAnswer> {
          looks++
          await turn()
          return { kind: 'result', result: { ...scan } }
        },
      }),
  }
}
const seen = async (answer: Promise<CallAnswer>) => {
  const { kind, ...rest } = await answer
  return kind === 'result' ? (rest as { result: Record<string, unknown> }).result : rest
}
const settle = async () => {
  for (let n = 0; n < 5; n++) await turn()
}

test('a wait ends when status or step change (W1)', async () => {
  const scan = makeScan()
  const answer = scan.wait()
  await settle()
  scan.change({ step: 'exporting' })
  expect(await seen(answer)).toMatchObject({ step: 'exporting' })
  expect(scan.waits.count).toBe(0)
})

test('each percent of progress ends no wait, and asks nothing of a worker (W3)', async () => {
  const scan = makeScan()
  const answer = scan.wait()
  await settle()
  for (let progress = 2; progress < 90; progress++) {
    scan.change({ progress })
    await settle()
  }
  expect(scan.looks()).toBeLessThanOrEqual(2)
  scan.change({ status: 'completed', step: 'done' })
  expect(await seen(answer)).toMatchObject({ status: 'completed', progress: 89 })
})

test('trouble is news, though status and step stay what they were', async () => {
  const scan = makeScan()
  const answer = scan.wait()
  await settle()
  scan.change({ progress: 2 })
  await settle()
  scan.change({ trouble: 'since noon' })
  expect(await seen(answer)).toMatchObject({ trouble: 'since noon' })
})

test('a change during the first look is not missed (W2)', async () => {
  const scan = makeScan()
  const answer = scan.wait()
  // The look under way has read the scan already by the time it answers.
  await turn()
  scan.change({ step: 'exporting' })
  expect(await seen(answer)).toMatchObject({ step: 'exporting' })
})

test.each([0, null, '', 'x', -1])('a call that waits %j seconds answers at once', async (seconds) => {
  const scan = makeScan()
  expect(await seen(scan.wait(seconds))).toMatchObject({ status: 'running' })
  expect(scan.looks()).toBe(1)
})

test('the time is up at the time that was asked for, with a fresh look (W1)', async () => {
  const scan = makeScan()
  const answer = scan.wait('0.02')
  await settle()
  scan.change({ progress: 50 })
  expect(await seen(answer)).toMatchObject({ progress: 50 })
})

test('a scan that has ended is not waited for', async () => {
  const scan = makeScan()
  scan.change({ status: 'completed' })
  expect(await seen(scan.wait())).toMatchObject({ status: 'completed' })
})

test('those who wait for one scan look again together (W4)', async () => {
  const scan = makeScan()
  const answers = Array.from({ length: 200 }, () => scan.wait())
  await settle()
  const before = scan.looks()
  scan.change({ step: 'exporting' })
  for (const answer of answers) expect(await seen(answer)).toMatchObject({ step: 'exporting' })
  expect(scan.looks() - before).toBeLessThanOrEqual(3)
})

test('a caller has so many waits, and another has its own; who leaves gives the place back (W1)', async () => {
  const scan = makeScan()
  const leaving = new AbortController()
  setMaxListeners(0, leaving.signal)
  const held = Array.from({ length: 500 }, () => scan.wait(45, leaving.signal).catch(() => 'left'))
  await settle()
  await expect(scan.wait()).rejects.toMatchObject({ code: 'busy', details: { retry_after_seconds: 5 } })
  const other = scan.wait(45, undefined, 'bob')
  leaving.abort(new Error('left'))
  expect(new Set(await Promise.all(held))).toEqual(new Set(['left']))
  expect(scan.waits.count).toBe(1)
  scan.waits.close()
  expect(await seen(other)).toMatchObject({ status: 'running' })
})
