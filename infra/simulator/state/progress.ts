/**
 * Which hosts a run has met and how far each is, worked out from the time alone.
 * Each host found adds to the whole, so the sum over hosts can go down, as it
 * does on the real scanner.
 */
import { fractionOf } from '../random.ts'

/** Checks per host. */
const CHECKS = 200
/** Hosts are discovered during this part of the run. */
const DISCOVERY_PART = 0.6

export interface HostProgress {
  /** Position among the run's hosts. */
  readonly index: number
  readonly current: number
  readonly total: number
}

/** The hosts found when `fraction` (0 to 1) of the run is done; the same arguments give the same answer. */
export function hostProgress(options: { hosts: number; fraction: number; seed: number }): HostProgress[] {
  const { hosts, fraction, seed } = options
  const found: HostProgress[] = []
  for (let index = 0; index < hosts; index++) {
    const foundAt = index === 0 ? 0.01 : (DISCOVERY_PART * (index + fractionOf(seed, index))) / hosts
    if (fraction < foundAt) break
    const share = Math.min(1, (fraction - foundAt) / (1 - foundAt))
    found.push({ index, current: Math.floor(share * CHECKS), total: CHECKS })
  }
  return found
}
