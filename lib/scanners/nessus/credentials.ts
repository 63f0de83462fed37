/**
 * Scan credentials in the scanner's words. They exist in the body of the request
 * that creates the scan, and keys in the upload before it: nowhere else.
 */
import { PermanentError } from '../../base/errors.ts'
import { argumentOf, isWindows, NO_ESCALATION, type ScanCredentials } from '../../facts/credential-fields.ts'
import { windowsLogin } from './windows-login.ts'
import { elevationFields, elevationOf, needsTemplate } from './elevation.ts'

export interface CredentialHelp {
  /** Puts a file on the scanner and returns the name it got there. */
  readonly upload: (name: string, content: string) => Promise<string>
  /** The editor's description of the scan's template, which knows the ids of rare fields. */
  readonly template: () => Promise<unknown>
}

const NEEDED_FOR_WINDOWS = {
  'windows password': ['password'],
  'windows hash': ['password'],
  'windows kerberos': ['password', 'kdc', 'realm'],
} as const

type Fields = Record<string, string>

/** The value of `credentials.add.Host`. Throws PermanentError, before anything is uploaded, when a field is missing. */
export async function hostCredentials(
  credentials: ScanCredentials,
  help: CredentialHelp,
): Promise<{ SSH: Fields[] } | { Windows: Fields[] }> {
  const { username, authMethod } = credentials
  const elevation = elevationOf(credentials)
  if (isWindows(authMethod)) {
    if (elevation !== NO_ESCALATION) {
      throw new PermanentError(`elevate_privileges_with: expected none with a ${authMethod}; give an administrator`)
    }
    for (const name of NEEDED_FOR_WINDOWS[authMethod]) need(credentials, name)
    return { Windows: [await windowsLogin(credentials, authMethod, help.template)] }
  }
  const template = needsTemplate(elevation) ? await help.template() : undefined
  const escalation = elevationFields(elevation, credentials, template)
  const login = await sshLogin(credentials, help)
  return {
    SSH: [{ auth_method: authMethod, username, ...login, elevate_privileges_with: elevation, ...escalation }],
  }
}

async function sshLogin(credentials: ScanCredentials, { upload }: CredentialHelp): Promise<Fields> {
  switch (credentials.authMethod) {
    case 'password':
      return { password: need(credentials, 'password') }
    case 'public key': {
      const key = need(credentials, 'privateKey')
      return {
        private_key: await upload('private-key.pem', key),
        private_key_passphrase: credentials.passphrase ?? '',
      }
    }
    case 'certificate': {
      const [certificate, key] = [need(credentials, 'certificate'), need(credentials, 'privateKey')]
      return {
        user_cert: await upload('certificate.pem', certificate),
        private_key: await upload('private-key.pem', key),
        private_key_passphrase: credentials.passphrase ?? '',
      }
    }
    case 'Kerberos':
      return {
        password: need(credentials, 'password'),
        kdc: need(credentials, 'kdc'),
        kdc_port: String(credentials.kdcPort ?? 88),
        kdc_transport: 'tcp',
        realm: need(credentials, 'realm'),
      }
    case 'windows password':
    case 'windows hash':
    case 'windows kerberos':
      return {}
  }
}

/** A value that the way to log in cannot do without. */
function need(credentials: ScanCredentials, key: 'password' | 'privateKey' | 'certificate' | 'kdc' | 'realm'): string {
  const value = credentials[key]
  if (value !== undefined && value !== '') return value
  throw new PermanentError(
    `${argumentOf(key)}: expected a value, got none; auth_method ${credentials.authMethod} needs it`,
  )
}
