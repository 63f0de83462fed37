/**
 * Where a named credential may go. Whatever answers at a target reads it, so:
 *
 *   1. All targets of a scan must lie wholly inside its `allowed_targets`. An address is inside a network, a name fits a
 *      pattern; names are not resolved, so no name is inside a network. One that states none goes nowhere.
 *   2. Where it states `scanners` or `callers`, nobody else.
 *   3. It is asked when a scan is accepted, and again when the scanner is about to be told.
 */
import type { NamedCredential } from './entry.ts'
import { refusedTargets } from './target-policy.ts'

const TARGETS_NAMED_MAX = 3

/** Whether `caller` may know of it. */
export function mayKnow({ callers }: Pick<NamedCredential, 'callers'>, caller: string | undefined): boolean {
  return callers === undefined || (caller !== undefined && callers.includes(caller))
}

/** Whether it may be given to the scanner `key` (`pool/instance`), by that or by the name of its pool. */
export function mayGoTo({ scanners }: Pick<NamedCredential, 'scanners'>, key: string): boolean {
  return scanners === undefined || scanners.includes(key) || scanners.includes(key.slice(0, key.indexOf('/')))
}

/** Why it may not be used against `targets`, to follow a name for it; `undefined` when it may. */
export function refusedTo(
  { allowedTargets }: Pick<NamedCredential, 'allowedTargets'>,
  targets: readonly string[],
): string | undefined {
  if (allowedTargets === undefined) {
    return 'states no allowed_targets, so it goes nowhere; the operator must add them to its entry in the scanner configuration'
  }
  const refused =
    allowedTargets.length === 0
      ? targets
      : refusedTargets({ key: '', allowedTargets, deniedTargets: [] }, targets).map(({ target }) => target)
  // Without a target nobody can say where it would go.
  if (targets.length > 0 && refused.length === 0) return undefined
  const more = refused.length > TARGETS_NAMED_MAX ? ` and ${refused.length - TARGETS_NAMED_MAX} more` : ''
  const named = refused.length === 0 ? 'none were given' : `${refused.slice(0, TARGETS_NAMED_MAX).join(', ')}${more}`
  return `may only be used where its allowed_targets say, and these are not wholly inside: ${named}`
}
