import * as v from 'valibot'
import { Refusal } from '../../base/errors.ts'
import { meantPerhaps } from '../../base/near-names.ts'
import type { Services } from '../../runtime/services.ts'
import type { ScannerRegistry } from '../../scanners/entry.ts'

export const PoolArgument = v.optional(
  v.pipe(v.string(), v.maxLength(64), v.description('The pool; default: the first one. See list_pools.')),
)

/** A pool to narrow a list down to; absent for all. Refuses an unknown one: a typing error must not read as "none". */
export async function poolFilter(
  pool: string | undefined,
  { scanners, scans }: Pick<Services, 'scanners' | 'scans'>,
): Promise<string | undefined> {
  if (pool === undefined || scanners.pools().includes(pool)) return pool
  // Scans outlive the pools they ran in, and imported ones never had a configured one.
  const { total } = await scans.list({ pool, limit: 1 })
  if (total > 0) return pool
  throw unknownPool(pool, scanners)
}

/** The pool that is meant. Refuses an unknown one with the names there are. */
export function poolNamed(pool: string | undefined, scanners: ScannerRegistry): string {
  const pools = scanners.pools()
  const [first] = pools
  if (first === undefined) {
    throw new Refusal('unavailable', 'No scanner is configured. Add one to the scanner configuration (SCANNER_CONFIG).')
  }
  if (pool === undefined) return first
  if (pools.includes(pool)) return pool
  throw unknownPool(pool, scanners)
}

export function unknownPool(pool: string, scanners: ScannerRegistry): Refusal {
  const pools = scanners.pools()
  const known = pools.length === 0 ? 'None is configured.' : `Pools: ${pools.join(', ')}.`
  const message = `scanner_pool: there is no scanner pool "${pool}"${meantPerhaps(pool, pools)}. ${known}`
  return new Refusal('invalid_argument', message, { arguments: ['scanner_pool'] })
}
