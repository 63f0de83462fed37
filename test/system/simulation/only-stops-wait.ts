import type { Scan } from '../../../lib/scans/record.ts'
import { isFinal } from '../../../lib/scans/states.ts'

/**
 * Whether all that has not ended yet is what its workers died of stopping, and what waits for the places that it keeps; and
 * there is some. Its event is a dead letter: it goes on by the sweep alone. Anything else at rest has been lost.
 */
export function onlyStopsWait(seen: Iterable<{ readonly scan: Scan }>): boolean {
  const open = [...seen].flatMap(({ scan }) => (isFinal(scan.status) ? [] : [scan]))
  const dead = open.filter(({ step, trouble }) => {
    return step === 'stopping' && trouble?.message.startsWith('It could not be stopped')
  })
  const pools = new Set(dead.map(({ scanner_pool: pool }) => pool))
  return open.length > 0 && open.every((scan) => dead.includes(scan) || isWaitingIn(pools, scan))
}

function isWaitingIn(pools: ReadonlySet<string>, { status, scanner_pool: pool }: Scan): boolean {
  return status === 'queued' && pools.has(pool)
}
