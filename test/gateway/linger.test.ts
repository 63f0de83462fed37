import { EventEmitter } from 'node:events'
import { setImmediate as turn } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { makeLinger } from '../../lib/gateway/http/linger.ts'

/** Waits whose ends the test decides. */
function makeWaits() {
  const lengths: number[] = []
  const ends: (() => void)[] = []
  const wait = (ms: number, signal: AbortSignal) =>
    new Promise<void>((resolve) => {
      lengths.push(ms)
      ends.push(resolve)
      signal.addEventListener('abort', () => resolve())
    })
  return { lengths, ends, wait }
}
const connection = () => Object.assign(new EventEmitter(), { destroyed: false, destroy: () => {} }) as never

test('the few hear a refusal after a second, the many later, and not all at the same moment', async () => {
  const { lengths, wait } = makeWaits()
  const linger = makeLinger({ wait })
  for (let n = 0; n < 130; n++) void linger(connection())
  await turn()
  expect(new Set(lengths.slice(0, 50))).toEqual(new Set([1000]))
  const spread = lengths.slice(50)
  // Eighty over eight seconds: each second has its share.
  for (let second = 1; second < 9; second++) {
    const share = spread.filter((ms) => ms >= second * 1000 && ms < (second + 1) * 1000).length
    expect(share).toBeGreaterThanOrEqual(9)
  }
})

test('nothing is kept for a connection that is gone', async () => {
  const { lengths, wait } = makeWaits()
  const linger = makeLinger({ wait })
  const outgoing = connection() as EventEmitter & { destroyed: boolean }
  const lingering = linger(outgoing as never)
  outgoing.emit('close')
  await lingering
  outgoing.destroyed = true
  await linger(outgoing as never)
  expect(lengths).toHaveLength(1)
})

test('beyond so many nobody waits, and a place that is free again is used', async () => {
  const { lengths, ends, wait } = makeWaits()
  const linger = makeLinger({ wait })
  for (let n = 0; n < 10_000; n++) void linger(undefined)
  await linger(undefined)
  expect(lengths).toHaveLength(10_000)
  ends[0]!()
  await turn()
  void linger(undefined)
  expect(lengths).toHaveLength(10_001)
})
