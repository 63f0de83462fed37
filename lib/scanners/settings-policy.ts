/** What the configuration allows a call to set of a scan at one scanner. */
import type { ScanSetup } from '../facts/scan-settings.ts'
import type { ScannerEntry } from './entry.ts'

/** Each setting that `entry` does not allow, with why; none where all are allowed. */
export function refusedSettings(
  { scanLimits = {} }: Pick<ScannerEntry, 'scanLimits'>,
  settings: ScanSetup | undefined,
): { readonly setting: keyof ScanSetup; readonly reason: string }[] {
  if (settings === undefined) return []
  const { unsafeChecks = false } = scanLimits
  const above = (setting: 'max_hosts_at_once' | 'max_checks_at_once', max: number | undefined) => {
    const asked = settings[setting]
    if (asked === undefined || max === undefined || asked <= max) return []
    return [{ setting, reason: `at most ${max} here, got ${asked}` }]
  }
  const unsafe = settings.safe_checks === false && !unsafeChecks
  return [
    ...above('max_hosts_at_once', scanLimits.maxHostsAtOnce),
    ...above('max_checks_at_once', scanLimits.maxChecksAtOnce),
    ...(unsafe ? [{ setting: 'safe_checks' as const, reason: 'checks that may harm hosts are not allowed here' }] : []),
  ]
}
