/**
 * Removes a scan of ours from its scanner, and the twins that a create may have
 * left there which died on its way.
 *
 * A twin is known by our name, by never having run, and by coming before the scan
 * whose id we were given: a copy that a person makes of that scan comes after it.
 */
import { findOwn, type ScanClaim, type FoundScan } from '../../scanners/own-scan.ts'
import type { ScanState } from '../../scanners/scan-state.ts'
import { hasRun } from './unread-report.ts'
import type { Scanner } from '../../scanners/scanner.ts'

/** That there are many is a scanner that does not remove. */
const TWINS_MAX = 5

export interface OurName {
  readonly name: string
  readonly marker: string
}

/**
 * Answers what was found, so that what was left alone can be said. What runs is not removed; with `keepsRun`, neither is what
 * has run, as this very look finds it: an earlier look proves nothing, since a launch may have come in between.
 */
export async function removeOwn(
  scanner: Scanner,
  claim: ScanClaim,
  our: OurName,
  { keepsRun }: { readonly keepsRun: boolean },
): Promise<FoundScan> {
  const found = await findOwn(scanner, claim)
  const isFree = keepsRun ? !hasRun(found) : found.is === 'ours' && !isUnderWay(found)
  if (found.is === 'ours' && found.scan.removable && isFree) await scanner.remove(found.scan)
  if (found.is !== 'foreign') await removeTwins(scanner, claim, our)
  return found
}

export function isUnderWay({ state }: { readonly state: ScanState }): boolean {
  return state.phase === 'active' || state.phase === 'paused'
}

/** Why what was found is left at the scanner, as a sentence; `undefined` when there is nothing to say. */
export function whyLeft(found: FoundScan, claim: ScanClaim): string | undefined {
  if (found.is === 'foreign' || found.is === 'kept') return found.why
  if (found.is === 'gone' || found.scan.removable) return undefined
  return `scan ${claim.id} was renamed at scanner ${claim.scanner} by a person: it is left there`
}

async function removeTwins(scanner: Scanner, claim: ScanClaim, our: OurName): Promise<void> {
  const ids = (await scanner.findMarked(our)).filter((id) => id < claim.id)
  for (const id of ids.slice(0, TWINS_MAX)) {
    const twin = await findOwn(scanner, { ...claim, id, standIn: undefined, runUuid: undefined })
    if (twin.is === 'ours' && twin.state.phase === 'idle' && twin.scan.removable) await scanner.remove(twin.scan)
  }
}
