import * as v from 'valibot'
import { Refusal } from '../../base/errors.ts'
import { meantPerhaps } from '../../base/near-names.ts'
import type { ScannerRegistry } from '../../scanners/entry.ts'

export const PoolArgument = v.optional(
  v.pipe(v.string(), v.maxLength(64), v.description('The pool; default: the first one. See list_pools.')),
)

/** The pool that is meant. Refuses an unknown one with the names there are. */
export function poolNamed(pool: string | undefined, scanners: ScannerRegistry): string {
  const pools = scanners.pools()
  const [first] = pools
  if (first === undefined) {
    throw new Refusal('unavailable', 'No scanner is configured. Add one to the scanner configuration (SCANNER_CONFIG).')
  }
  if (pool === undefined) return first
  if (pools.includes(pool)) return pool
  const message = `scanner_pool: there is no scanner pool "${pool}"${meantPerhaps(pool, pools)}. Pools: ${pools.join(', ')}.`
  throw new Refusal('invalid_argument', message, { arguments: ['scanner_pool'] })
}
