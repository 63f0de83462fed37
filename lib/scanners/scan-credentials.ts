/** The credentials of a scan, at the moment they are needed and nowhere else. */
import * as v from 'valibot'
import { check } from '../base/check.ts'
import { PermanentError } from '../base/errors.ts'
import type { Keyspace } from '../bus/keyspace.ts'
import { scannerKey, type Scan } from '../scans/record.ts'
import type { ScanKeys } from '../scans/scan-keys.ts'
import type { Vault } from '../scans/vault.ts'
import { mayGoTo, mayKnow, refusedTo } from './credential-policy.ts'
import type { ScannerRegistry } from './entry.ts'
import type { ScanCredentials } from './scanner.ts'
import { parseTargets } from './targets.ts'

const Shown = v.object({
  username: v.string(),
  auth_method: v.picklist(['password', 'public key', 'certificate', 'Kerberos', 'windows password']),
  certificate: v.optional(v.string()),
  domain: v.optional(v.string()),
  realm: v.optional(v.string()),
  kdc: v.optional(v.string()),
  kdc_port: v.optional(v.number()),
  elevate_privileges_with: v.optional(v.string()),
  escalation_account: v.optional(v.string()),
})

/** Its messages must not repeat what came. */
const Secret = v.optional(v.string('expected text'))
const Secrets = v.object({
  password: Secret,
  ssh_password: Secret,
  private_key: Secret,
  passphrase: Secret,
  escalation_password: Secret,
})

interface Sources {
  readonly scanners: ScannerRegistry
  readonly keyspace: Keyspace
  readonly scanKeys: ScanKeys
  readonly vault: Vault
}

/** The configured credential, if its entry, as it is now, lets this scan have it. The messages are read by others: they do not name it. */
function namedCredentials(scan: Scan, ref: string, scanners: ScannerRegistry): ScanCredentials {
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

/** Looks up a named credential, or opens the sealed one; `undefined` for a scan without. Throws PermanentError when it is gone. */
export async function scanCredentials(scan: Scan, sources: Sources): Promise<ScanCredentials | undefined> {
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
  const all = {
    username: shown.username,
    authMethod: shown.auth_method,
    certificate: shown.certificate,
    domain: shown.domain,
    realm: shown.realm,
    kdc: shown.kdc,
    kdcPort: shown.kdc_port,
    elevateWith: shown.elevate_privileges_with,
    escalationAccount: shown.escalation_account,
    password: secrets.password ?? secrets.ssh_password,
    privateKey: secrets.private_key,
    passphrase: secrets.passphrase,
    escalationPassword: secrets.escalation_password,
  }
  return Object.fromEntries(
    Object.entries(all).filter(([, value]) => value !== undefined),
  ) as unknown as ScanCredentials
}
