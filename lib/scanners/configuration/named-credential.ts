/** Turns one entry of the reserved `credentials` mapping into a {@link NamedCredential}. */
import type { NamedCredential } from '../entry.ts'
import type { ScanCredentials } from '../scanner.ts'
import { credentialFields, isMapping, readFields } from './fields.ts'
import type { EntryContext } from './scanner-entry.ts'
import { readSecretFiles } from './secret-files.ts'

/** What each way to log in cannot do without. */
const NEEDED = {
  password: ['password'],
  'public key': ['private_key'],
  certificate: ['private_key', 'certificate'],
  Kerberos: ['password', 'realm', 'kdc'],
  'windows password': ['password'],
} as const

export function readNamedCredential(name: string, value: unknown, context: EntryContext): NamedCredential | undefined {
  const { source, path } = context
  if (!/^[a-z0-9][a-z0-9._-]{0,63}$/i.test(name)) {
    source.problem(path, 'expected a name of 1 to 64 letters, digits, dots, dashes and underscores')
  }
  if (!isMapping(value)) {
    source.problem(path, 'expected a mapping with at least username')
    return undefined
  }
  const fields = readFields(credentialFields, readSecretFiles(value, context), { source, path })
  if (!fields) return undefined
  for (const key of NEEDED[fields.auth_method]) {
    if (fields[key] === undefined) source.problem([...path, key], `missing; auth_method ${fields.auth_method} needs it`)
  }
  const optional: { [K in keyof ScanCredentials]?: ScanCredentials[K] | undefined } = {
    password: fields.password,
    privateKey: fields.private_key,
    passphrase: fields.passphrase,
    certificate: fields.certificate,
    domain: fields.domain,
    realm: fields.realm,
    kdc: fields.kdc,
    kdcPort: fields.kdc_port,
    elevateWith: fields.elevate_privileges_with,
    escalationAccount: fields.escalation_account,
    escalationPassword: fields.escalation_password,
  }
  const given = Object.fromEntries(Object.entries(optional).filter(([, field]) => field !== undefined))
  return {
    name,
    credentials: { username: fields.username, authMethod: fields.auth_method, ...given },
    ...(fields.allowed_targets ? { allowedTargets: fields.allowed_targets } : {}),
    ...(fields.scanners ? { scanners: fields.scanners } : {}),
    ...(fields.callers ? { callers: fields.callers } : {}),
  }
}
