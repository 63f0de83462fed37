import { expect, onTestFinished, test, vi } from 'vitest'
import { awaitExport } from '../../lib/scanners/await-export.ts'
import type { Scanner } from '../../lib/scanners/scanner.ts'

/** A scanner whose export is ready once it was looked at so often. */
function slowScanner(looksUntilReady: number) {
  const seen = { asked: 0, looks: 0 }
  const scanner = {
    async requestExport() {
      seen.asked++
      return 'token:ab'
    },
    async exportState() {
      return ++seen.looks > looksUntilReady ? 'ready' : 'loading'
    },
  } as unknown as Scanner
  return { scanner, seen }
}

const RUN = { id: 5 } as never

function fakeTime() {
  vi.useFakeTimers()
  // node:timers/promises is not faked: its sleep is replaced by one on the faked clock.
  onTestFinished(() => void vi.useRealTimers())
}

vi.mock('node:timers/promises', () => ({
  setTimeout: (ms: number) => new Promise((resolve) => globalThis.setTimeout(resolve, ms)),
}))

test('an export that is hours in the making is asked for once, and waited for', async () => {
  fakeTime()
  const { scanner, seen } = slowScanner(600)
  const handle = awaitExport(scanner, RUN, new AbortController().signal)
  await vi.advanceTimersByTimeAsync(6 * 3_600_000)
  expect(await handle).toBe('token:ab')
  expect(seen.asked).toBe(1)
})

test('one that is never made is given up at last, with how long it took', async () => {
  fakeTime()
  const { scanner } = slowScanner(Number.POSITIVE_INFINITY)
  const failed = awaitExport(scanner, RUN, new AbortController().signal).catch((error: unknown) => error)
  await vi.advanceTimersByTimeAsync(13 * 3_600_000)
  expect(await failed).toMatchObject({ message: expect.stringContaining('within 12 hours') })
})
