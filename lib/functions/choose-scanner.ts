/** Which pool, and which scanner if the caller insists, a new scan goes to. Refuses with the names there are. */
import { Refusal } from '../base/errors.ts'
import { nearNames } from '../base/near-names.ts'
import { leastUsedFirst } from '../scanners/admission.ts'
import type { ScannerEntry } from '../scanners/entry.ts'
import { refusedTargets } from '../scanners/target-policy.ts'
import type { Targets } from '../scanners/targets.ts'
import type { Services } from './services.ts'

export interface Choice {
  readonly pool: string
  /** Set when only this scanner may have the scan. */
  readonly pinned?: ScannerEntry
  /** The scanner it would go to now: its name becomes part of the task id. */
  readonly likely: ScannerEntry
}

interface Wanted {
  readonly scanner_pool?: string | undefined
  readonly scanner_instance?: string | undefined
}

export async function chooseScanner(
  wanted: Wanted,
  targets: Targets,
  { scanners, scans }: Pick<Services, 'scanners' | 'scans'>,
): Promise<Choice> {
  const pool = choosePool(wanted, scanners.pools(), scanners.entries())
  const inPool = scanners.entries().filter((entry) => entry.pool === pool)
  const candidates =
    wanted.scanner_instance === undefined ? inPool : [findInstance(wanted.scanner_instance, inPool, pool)]
  const enabled = candidates.filter((entry) => entry.enabled)
  if (enabled.length === 0) {
    throw new Refusal('unavailable', `No scanner of pool ${pool} is enabled. Enable one in the scanner configuration.`)
  }
  const allowed = enabled.filter((entry) => refusedTargets(entry, targets.list).length === 0)
  if (allowed.length === 0) throw policyRefusal(enabled, targets)
  const [likely = allowed[0]!] = await leastUsedFirst(allowed, scans)
  // Where scanners of one pool may touch different things, the scan goes to one that may touch these.
  const pinned = wanted.scanner_instance !== undefined || allowed.length < enabled.length
  return { pool, likely, ...(pinned ? { pinned: likely } : {}) }
}

function choosePool(wanted: Wanted, pools: readonly string[], entries: readonly ScannerEntry[]): string {
  const [first] = pools
  if (first === undefined) {
    throw new Refusal('unavailable', 'No scanner is configured. Add one to the scanner configuration (SCANNER_CONFIG).')
  }
  if (wanted.scanner_pool === undefined) {
    return entries.find((entry) => entry.instanceId === wanted.scanner_instance)?.pool ?? first
  }
  if (pools.includes(wanted.scanner_pool)) return wanted.scanner_pool
  throw new Refusal(
    'invalid_argument',
    `There is no scanner pool "${wanted.scanner_pool}"${nearNames(wanted.scanner_pool, pools)}. Pools: ${pools.join(', ')}.`,
    { arguments: ['scanner_pool'] },
  )
}

function findInstance(instance: string, entries: readonly ScannerEntry[], pool: string): ScannerEntry {
  const names = entries.map(({ instanceId }) => instanceId)
  const found = entries.find(({ instanceId }) => instanceId === instance)
  if (found) return found
  throw new Refusal(
    'invalid_argument',
    `Pool ${pool} has no scanner "${instance}"${nearNames(instance, names)}. Scanners: ${names.join(', ')}.`,
    { arguments: ['scanner_instance'] },
  )
}

function policyRefusal(entries: readonly ScannerEntry[], targets: Targets): Refusal {
  const reasons = entries.flatMap((entry) =>
    refusedTargets(entry, targets.list)
      .slice(0, 3)
      .map(({ target, reason }) => `${entry.instanceId}: ${target} ${reason}`),
  )
  return new Refusal(
    'forbidden',
    `The configuration does not allow these targets to be scanned (${reasons.slice(0, 5).join('; ')}). Ask the operator.`,
    { arguments: ['targets'] },
  )
}
