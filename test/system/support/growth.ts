/**
 * How the work on an input grows with the input. No clock is held against a limit: the same work is timed on an input and on
 * one eight times as long, in turn, and only the ratio counts. Linear work takes 8 times as long, quadratic 64 times.
 */
const SHORT = 1000
const TIMES = 8
/** Between 8 and 64, nearer to what is found out: a machine that is busy may slow one of two runs down several times. */
export const RATIO_MAX = 32
/** Below so much the clock sees more of the machine than of the work; linear work of this length takes far less. */
const TOO_SHORT_MS = 4
const ROUNDS = 4

/** How many times longer the work takes on the longer input; 0 when it is over in no time. */
export async function growthOf(work: (text: string) => unknown, make: (length: number) => string): Promise<number> {
  const long = make(SHORT * TIMES)
  let longMs = await timed(work, long)
  if (longMs < TOO_SHORT_MS) return 0
  const short = make(SHORT)
  let shortMs = await timed(work, short)
  for (let round = 1; round < ROUNDS; round++) {
    longMs = Math.min(longMs, await timed(work, long))
    shortMs = Math.min(shortMs, await timed(work, short))
  }
  return longMs < TOO_SHORT_MS ? 0 : longMs / Math.max(shortMs, 0.001)
}

async function timed(work: (text: string) => unknown, text: string): Promise<number> {
  const startMs = performance.now()
  try {
    await work(text)
  } catch {
    // A refusal is an answer too; how long it took is what is asked.
  }
  return performance.now() - startMs
}
