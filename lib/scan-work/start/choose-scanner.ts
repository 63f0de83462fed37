/** Which pool, and which scanner if the caller insists, a new scan goes to. Refuses with the names there are. */
import { Refusal } from '../../base/errors.ts'
import type { ScanSetup } from '../../facts/scan-settings.ts'
import { meantPerhaps } from '../../base/near-names.ts'
import { leastUsedFirst } from '../../scanners/admission.ts'
import type { ScannerEntry } from '../../scanners/entry.ts'
import { knownHealth, type KnownHealth, mayLaunchAt } from '../../scanners/health.ts'
import type { Basis } from '../../scanners/scan-basis.ts'
import { refusedSettings } from '../../scanners/settings-policy.ts'
import { refusedTargets } from '../../scanners/target-policy.ts'
import type { Targets } from '../../scanners/targets.ts'
import type { Services } from '../../runtime/services.ts'
import type { AskOffers } from './policy-offers.ts'
import { poolNamed } from './pool-argument.ts'

export interface Choice {
  readonly pool: string
  /** Set when only this scanner may have the scan. */
  readonly pinned?: ScannerEntry
  /** The scanner it would go to now: its name becomes part of the task id. */
  readonly likely: ScannerEntry
  /** What the likely one says it would make the scan from, where it was asked. */
  readonly basis?: Basis | undefined
}

interface Wanted {
  readonly scanner_pool?: string | undefined
  readonly scanner_instance?: string | undefined
  /** Whether the credential of the scan may be given to a scanner (`pool/instance`). */
  readonly mayTake: (key: string) => boolean
  readonly offers: AskOffers
  readonly settings?: ScanSetup | undefined
}

type ChoosingServices = Pick<Services, 'scanners' | 'scans' | 'keyspace' | 'scanKeys'> & {
  readonly now: Date
}

export async function chooseScanner(wanted: Wanted, targets: Targets, services: ChoosingServices): Promise<Choice> {
  const { scanners, scans } = services
  const pool = choosePool(wanted, scanners)
  const inPool = scanners.entries().filter((entry) => entry.pool === pool)
  const candidates =
    wanted.scanner_instance === undefined ? inPool : [findInstance(wanted.scanner_instance, inPool, pool)]
  const enabled = candidates.filter((entry) => entry.enabled)
  if (enabled.length === 0) {
    throw new Refusal('unavailable', `No scanner of pool ${pool} is enabled. Enable one in the scanner configuration.`)
  }
  const health = await knownHealth(services.keyspace, services.scanKeys, services.now)
  const launching = enabled.filter((entry) => mayLaunchAt(health.get(entry.key)))
  if (launching.length === 0) throw launchRefusal(enabled, health)
  const trusted = launching.filter((entry) => wanted.mayTake(entry.key))
  if (trusted.length === 0) throw credentialRefusal(launching, pool)
  const reaching = trusted.filter((entry) => refusedTargets(entry, targets.list).length === 0)
  if (reaching.length === 0) throw policyRefusal(trusted, targets)
  const allowed = reaching.filter((entry) => refusedSettings(entry, wanted.settings).length === 0)
  if (allowed.length === 0) throw settingsRefusal(reaching, wanted.settings)
  const offers = await wanted.offers(allowed, health)
  const able = offers.map(({ entry }) => entry)
  const [likely = able[0]!] = await leastUsedFirst(able, scans)
  const basis = offers.find(({ entry }) => entry === likely)?.basis
  // Where scanners of one pool may touch different things, or have different policies, the scan goes to one that fits.
  const pinned = wanted.scanner_instance !== undefined || able.length < launching.length || basis?.policy !== undefined
  return { pool, likely, basis, ...(pinned ? { pinned: likely } : {}) }
}

/** What the licence or the account's role forbids will not come to pass by waiting. */
function launchRefusal(entries: readonly ScannerEntry[], health: ReadonlyMap<string, KnownHealth>): Refusal {
  const unlicensed = entries.filter(({ key }) => health.get(key)?.launch === 'not_allowed')
  if (unlicensed.length < entries.length) {
    const basic = entries.filter((entry) => !unlicensed.includes(entry)).map(({ instanceId }) => instanceId)
    return new Refusal(
      'unavailable',
      `The account of ${basic.join(', ')} has the role Basic, which may launch nothing. Ask the operator to give it the role Standard or higher; ` +
        'or launch the scan at the scanner and take it in with adopt_scan.',
    )
  }
  const names = entries.map((entry) => entry.instanceId).join(', ')
  return new Refusal(
    'unavailable',
    `The licence of ${names} does not allow scans to be launched by API (Nessus Manager does; Essentials, Professional and Expert do not). ` +
      'Launch the scan in the web interface of the scanner and take it in with adopt_scan, or import its report with import_scan.',
  )
}

function choosePool(wanted: Wanted, scanners: Services['scanners']): string {
  const own = scanners.entries().find((entry) => entry.instanceId === wanted.scanner_instance)?.pool
  return poolNamed(wanted.scanner_pool ?? own, scanners)
}

function findInstance(instance: string, entries: readonly ScannerEntry[], pool: string): ScannerEntry {
  const names = entries.map(({ instanceId }) => instanceId)
  const found = entries.find(({ instanceId }) => instanceId === instance)
  if (found) return found
  throw new Refusal(
    'invalid_argument',
    `scanner_instance: pool ${pool} has no scanner "${instance}"${meantPerhaps(instance, names)}. Scanners: ${names.join(', ')}.`,
    { arguments: ['scanner_instance'] },
  )
}

function credentialRefusal(entries: readonly ScannerEntry[], pool: string): Refusal {
  const names = entries.map(({ instanceId }) => instanceId).join(', ')
  return new Refusal(
    'forbidden',
    `The credential may not be given to ${names} of pool ${pool}. Choose another pool or scanner, or ask the operator.`,
    { arguments: ['credential', 'scanner_pool'] },
  )
}

function settingsRefusal(entries: readonly ScannerEntry[], settings: ScanSetup | undefined): Refusal {
  const reasons = entries.flatMap((entry) =>
    refusedSettings(entry, settings).map(
      ({ setting, reason }) => `${entry.instanceId}: settings.${setting}: ${reason}`,
    ),
  )
  return new Refusal(
    'forbidden',
    `The configuration does not allow these settings (${reasons.slice(0, 5).join('; ')}). Leave them out, or ask the operator (scan_limits).`,
    { arguments: ['settings'] },
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
