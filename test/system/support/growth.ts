/**
 * How the work on an input grows with the input. No clock is held against a limit: the same work is done on an input and on
 * one eight times as long, in turn, and only the ratio of the processor time counts. Linear work takes 8 times as long,
 * quadratic 64 times. The least of several rounds counts, since whatever else the machine does only adds.
 */
const SHORT = 1000
const TIMES = 8
/** Between 8 and 64. */
export const RATIO_MAX = 32
/** Below so much the clock sees more of the machine than of the work; linear work of this length takes far less. */
const TOO_SHORT_MS = 4
const ROUNDS = 8

/** What looks too slow is looked at again on longer inputs, where the machine's part in it shrinks and the work's does not. */
const LOOKS = 3

/** How many times longer the work takes on the longer input; 0 when it is over in no time. What `make` does is not counted. */
export async function growthOf<T>(work: (input: T) => unknown, make: (length: number) => T): Promise<number> {
  let least = Number.POSITIVE_INFINITY
  for (let look = 0; look < LOOKS; look++) {
    least = Math.min(least, await growthFrom(SHORT * 2 ** look, work, make))
    if (least < RATIO_MAX) break
  }
  return least
}

async function growthFrom<T>(
  length: number,
  work: (input: T) => unknown,
  make: (length: number) => T,
): Promise<number> {
  const long = make(length * TIMES)
  let longMs = await timed(work, long)
  if (longMs < TOO_SHORT_MS) return 0
  const short = make(length)
  let shortMs = Number.POSITIVE_INFINITY
  for (let round = 0; round < ROUNDS; round++) {
    shortMs = Math.min(shortMs, await timed(work, short))
    longMs = Math.min(longMs, await timed(work, long))
    if (longMs < TOO_SHORT_MS) return 0
    if (longMs / shortMs < RATIO_MAX / 2) break
  }
  return longMs / Math.max(shortMs, 0.01)
}

async function timed<T>(work: (input: T) => unknown, input: T): Promise<number> {
  const before = process.cpuUsage()
  try {
    await work(input)
  } catch {
    // A refusal is an answer too; how long it took is what is asked.
  }
  const { user, system } = process.cpuUsage(before)
  return (user + system) / 1000
}
