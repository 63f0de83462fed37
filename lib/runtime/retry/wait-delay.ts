import type { Delivery } from '../../bus/bus.ts'

const FIRST_WAIT_MS = 1000
const WAIT_MAX_MS = 60_000

/**
 * How long an event that waits for something to come back is put off: ever longer, with jitter. `undefined` when it has
 * waited as long as a scan may take. What is waited for costs no attempts: nothing is wrong with the event.
 */
export function patientDelayMs(
  delivery: Pick<Delivery, 'firstFailureAt'>,
  { now, limitMs, random }: { now: Date; limitMs: number; random: () => number },
): number | undefined {
  const waitedMs = delivery.firstFailureAt === undefined ? 0 : now.getTime() - delivery.firstFailureAt
  if (waitedMs > limitMs) return undefined
  const ceilingMs = Math.min(WAIT_MAX_MS, Math.max(FIRST_WAIT_MS, waitedMs / 4))
  return ceilingMs * (0.5 + random() / 2)
}
