/** The credentials of a scan, at the moment they are needed and nowhere else. */
import * as v from 'valibot'
import { check } from '../base/check.ts'
import { PermanentError } from '../base/errors.ts'
import {
  AUTH_METHODS,
  CREDENTIAL_FIELD_NAMES,
  OLDER_NAMES,
  SECRET_ARGUMENTS,
  toScanCredentials,
} from '../facts/credential-fields.ts'
import type { AnyCredentials } from '../facts/credential-kinds.ts'
import { CREDENTIAL_SETTING_NAMES, CREDENTIAL_SETTINGS } from '../facts/credential-settings.ts'
import type { Keyspace } from '../bus/keyspace.ts'
import { scannerKey, type Scan } from '../scans/record.ts'
import type { ScanKeys } from '../scans/scan-keys.ts'
import type { Vault } from '../scans/vault.ts'
import { mayGoTo, mayKnow, refusedTo } from './credential-policy.ts'
import type { ScannerRegistry } from './entry.ts'
import { parseTargets } from './targets.ts'

const Text = v.optional(v.string())
/** Its messages must not repeat what came. */
const Secret = v.optional(v.string('expected text'))
/** As the record keeps them; secrets are masked there, and are read from the vault alone. */
const Shown = v.object({
  ...entriesOf(
    CREDENTIAL_FIELD_NAMES.filter((name) => !SECRET_ARGUMENTS.includes(name)),
    Text,
  ),
  username: v.string(),
  auth_method: v.picklist(AUTH_METHODS),
  kdc_port: v.optional(v.number()),
  ...settingEntries(),
})
const Secrets = v.object(entriesOf(SECRET_ARGUMENTS, Secret))

function entriesOf<S extends v.GenericSchema>(names: readonly string[], schema: S): Record<string, S> {
  return Object.fromEntries(names.map((name) => [name, schema]))
}

function settingEntries() {
  const of = (name: keyof typeof CREDENTIAL_SETTINGS) =>
    'portMax' in CREDENTIAL_SETTINGS[name] ? v.number() : v.boolean()
  return Object.fromEntries(CREDENTIAL_SETTING_NAMES.map((name) => [name, v.optional(of(name))]))
}

interface Sources {
  readonly scanners: ScannerRegistry
  readonly keyspace: Keyspace
  readonly scanKeys: ScanKeys
  readonly vault: Vault
}

/** The configured credential, if its entry, as it is now, lets this scan have it. The messages are read by others: they do not name it. */
function namedCredentials(scan: Scan, ref: string, scanners: ScannerRegistry): AnyCredentials {
  const named = scanners.credential(ref)
  // Of one that is no more, the name is no secret.
  if (!named) throw new PermanentError(`the configuration has no credential named "${ref}" any more`)
  if (!mayKnow(named, scan.caller)) {
    throw new PermanentError('the configuration has no such credential any more for the caller of this scan')
  }
  const scanner = scannerKey(scan)
  if (scanner === undefined || !mayGoTo(named, scanner)) {
    throw new PermanentError(`the named credential of this scan may not be given to scanner ${scanner ?? 'none'}`)
  }
  const refused = refusedTo(named, parseTargets(scan.targets.text).list)
  if (refused !== undefined) throw new PermanentError(`the named credential of this scan ${refused}`)
  return named.credentials
}

/** Those tried after the first, in their order: configured ones, held to the same rules. */
export function furtherCredentials(scan: Scan, { scanners }: Pick<Sources, 'scanners'>): AnyCredentials[] {
  const { credentials } = scan
  if (credentials?.kind !== 'named') return []
  return (credentials.more ?? []).map((ref) => namedCredentials(scan, ref, scanners))
}

/** Looks up a named credential, or opens the sealed one; `undefined` for a scan without. Throws PermanentError when it is gone. */
export async function scanCredentials(scan: Scan, sources: Sources): Promise<AnyCredentials | undefined> {
  const { credentials } = scan
  if (!credentials) return undefined
  if (credentials.kind === 'named') {
    return namedCredentials(scan, credentials.ref, sources.scanners)
  }
  const sealed = await sources.keyspace.get(sources.scanKeys.vault(credentials.ref))
  if (sealed === undefined) {
    throw new PermanentError('the credentials of this scan have been erased; start a new scan with them')
  }
  const secrets = check(Secrets, sources.vault.open(credentials.ref, sealed), 'sealed credentials')
  const shown = check(Shown, credentials.shown, 'credentials of the scan')
  // What was given under an older name is the newer one's, unless both are there.
  const older = Object.entries(OLDER_NAMES).map(([old, name]) => [name, secrets[old]] as const)
  const given = [...older, ...Object.entries(secrets)].filter(([, value]) => value !== undefined)
  return toScanCredentials({ ...shown, ...Object.fromEntries(given) })
}
