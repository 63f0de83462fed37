import * as v from 'valibot'
import { Refusal } from '../../base/errors.ts'
import { meantPerhaps } from '../../base/near-names.ts'
import { poolNamed } from './pool-argument.ts'
import type { ScannerEntry, ScannerRegistry } from '../../scanners/entry.ts'

export const ScannerArguments = {
  scanner_instance: v.optional(
    v.pipe(
      v.string(),
      v.maxLength(64),
      v.description('The scanner; needed only where there are several. See list_scanners.'),
    ),
  ),
  scanner_pool: v.optional(v.pipe(v.string(), v.maxLength(64), v.description('Its pool, where names repeat.'))),
}

/** The one enabled scanner that is meant. Refuses when none or several fit. */
export function scannerNamed(
  wanted: { scanner_instance?: string | undefined; scanner_pool?: string | undefined },
  scanners: ScannerRegistry,
): ScannerEntry {
  if (wanted.scanner_pool !== undefined) poolNamed(wanted.scanner_pool, scanners)
  const enabled = scanners.entries().filter((entry) => entry.enabled)
  const fitting = enabled.filter(
    (entry) =>
      (wanted.scanner_instance === undefined || entry.instanceId === wanted.scanner_instance) &&
      (wanted.scanner_pool === undefined || entry.pool === wanted.scanner_pool),
  )
  const [only] = fitting
  if (only && fitting.length === 1) return only
  const names = enabled.map((entry) => `${entry.instanceId} (pool ${entry.pool})`)
  const known = names.length === 0 ? 'None is enabled.' : `Enabled: ${names.join(', ')}.`
  const message =
    fitting.length > 1
      ? `scanner_instance: expected the name of one scanner, since several fit. ${known}`
      : `scanner_instance: there is no such scanner${meantPerhaps(
          wanted.scanner_instance ?? '',
          enabled.map((entry) => entry.instanceId),
        )}. ${known}`
  throw new Refusal('invalid_argument', message, { arguments: ['scanner_instance'] })
}
