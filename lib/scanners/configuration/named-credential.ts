/** Turns one entry of the reserved `credentials` mapping into a {@link NamedCredential}. */
import { holdsPrivateKey, readPrivateKey } from '../../facts/private-key.ts'
import { AUTH_METHOD_NEEDS, isWindows, NTLM_HASH, toScanCredentials } from '../../facts/credential-fields.ts'
import { misplacedSetting } from '../../facts/credential-settings.ts'
import type { NamedCredential } from '../entry.ts'
import { credentialFields, formCredentialFields, isMapping, readFields } from './fields.ts'
import { readFormCredentials } from './form-credential.ts'
import type { EntryContext } from './scanner-entry.ts'
import { readSecretFiles } from './secret-files.ts'

export function readNamedCredential(name: string, value: unknown, context: EntryContext): NamedCredential | undefined {
  const { source, path } = context
  if (!/^[a-z0-9][a-z0-9._-]{0,63}$/i.test(name)) {
    source.problem(path, 'expected a name of 1 to 64 letters, digits, dots, dashes and underscores')
  }
  if (!isMapping(value)) {
    source.problem(path, 'expected a mapping with at least username, or kind and fields')
    return undefined
  }
  if ('kind' in value) return byForm(name, value, context)
  const fields = readFields(credentialFields, readSecretFiles(value, context), { source, path })
  if (!fields) return undefined
  for (const key of AUTH_METHOD_NEEDS[fields.auth_method]) {
    if (fields[key] === undefined) source.problem([...path, key], `missing; auth_method ${fields.auth_method} needs it`)
  }
  const read = fields.private_key === undefined ? undefined : readPrivateKey(fields.private_key)
  if (read && 'problem' in read) source.problem([...path, 'private_key'], read.problem)
  if (read && 'key' in read && read.encrypted && fields.passphrase === undefined) {
    source.problem([...path, 'passphrase'], 'missing; the private key is encrypted')
  }
  if (fields.auth_method === 'windows hash' && !NTLM_HASH.test(fields.password ?? '')) {
    source.problem([...path, 'password'], 'expected the NTLM hash, 32 digits of hex, since auth_method is windows hash')
  }
  if (holdsPrivateKey(fields.certificate)) {
    source.problem([...path, 'certificate'], 'expected a certificate, got a private key')
  }
  const misplaced = misplacedSetting(fields, isWindows(fields.auth_method) ? 'Windows' : 'SSH')
  if (misplaced) source.problem([...path, misplaced.name], misplaced.problem)
  const mended = read && 'key' in read ? { private_key: read.key } : {}
  return {
    name,
    credentials: toScanCredentials({ ...fields, ...mended }),
    ...whereOf(fields),
  }
}

function byForm(name: string, value: Record<string, unknown>, context: EntryContext): NamedCredential | undefined {
  const { source, path } = context
  const read = readFields(formCredentialFields, value, { source, path })
  return read && { name, credentials: readFormCredentials(read, context), ...whereOf(read) }
}

/** Where it may go. */
function whereOf(fields: {
  readonly allowed_targets?: string[] | null | undefined
  readonly scanners?: string[] | undefined
  readonly callers?: string[] | undefined
}): Pick<NamedCredential, 'allowedTargets' | 'scanners' | 'callers'> {
  return {
    ...(fields.allowed_targets ? { allowedTargets: fields.allowed_targets } : {}),
    ...(fields.scanners ? { scanners: fields.scanners } : {}),
    ...(fields.callers ? { callers: fields.callers } : {}),
  }
}
