/**
 * The target policy, asked again at the moment it matters: between a call and its
 * launch the entry may have changed, and the scan may have gone to another scanner.
 */
import { PermanentError } from '../base/errors.ts'
import { scannerKey, type Scan } from '../scans/record.ts'
import type { ScannerEntry, ScannerRegistry } from './entry.ts'
import { refusedSettings } from './settings-policy.ts'
import { refusedTargets } from './target-policy.ts'

const NAMED_MAX = 3

/** All of them, as they go to the scanner: the list in the record is cut, for show. */
function targetsOf({ targets }: Scan): string[] {
  return targets.text.split(',').filter((target) => target !== '')
}

/** Whether `entry`, as it is now, allows every target of the scan. */
export function policyAllows(entry: ScannerEntry, scan: Scan): boolean {
  return refusedTargets(entry, targetsOf(scan)).length === 0 && refusedSettings(entry, scan.settings).length === 0
}

/** Why the first of `entries` may not touch its targets; `undefined` when it may, or there is none. */
export function policyRefusalOf(scan: Scan, [entry]: readonly (ScannerEntry | undefined)[]): string | undefined {
  const [setting] = entry ? refusedSettings(entry, scan.settings) : []
  if (setting) {
    return `the configuration does not allow settings.${setting.setting} any more (${setting.reason}); ask the operator`
  }
  const refused = entry ? refusedTargets(entry, targetsOf(scan)) : []
  if (refused.length === 0) return undefined
  const some = refused.slice(0, NAMED_MAX).map(({ target, reason }) => `${target}: ${reason}`)
  const more = refused.length > NAMED_MAX ? `; and ${refused.length - NAMED_MAX} more` : ''
  return `the configuration does not allow these targets any more (${some.join('; ')}${more}); ask the operator`
}

/** Throws PermanentError unless the scanner that has the scan may touch its targets. */
export function checkPolicy(scan: Scan, scanners: Pick<ScannerRegistry, 'find'>): void {
  const refusal = policyRefusalOf(scan, [scanners.find(scannerKey(scan) ?? '')])
  if (refusal !== undefined) throw new PermanentError(refusal)
}
