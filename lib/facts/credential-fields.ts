/**
 * What a scan may log in with: every field, every way to log in and every way to
 * become root, each once. The tools' schemas, the records, the configuration, the
 * command line, the client, the masks and the scanner client read this table.
 */

import { type CredentialSettings, settingsAmong } from './credential-settings.ts'

interface CredentialField {
  /** Its name within the code. */
  readonly as: string
  /** Its longest value. */
  readonly charsMax: number
  /** Sealed at the gateway, masked wherever it would be shown. */
  readonly secret?: true
  /** May be given as the path of a file that holds it; no message repeats what is in there. */
  readonly fromFile?: true
  /** A whole number up to so many, where the others are text. */
  readonly portMax?: number
  /** The option of the command line, and what its help says. */
  readonly option: string
  readonly help: string
}

export const CREDENTIAL_FIELDS = {
  username: {
    as: 'username',
    charsMax: 256,
    fromFile: true,
    option: '--username <name>',
    help: 'log in with this account',
  },
  password: {
    as: 'password',
    charsMax: 1024,
    secret: true,
    fromFile: true,
    option: '--password-file <file>',
    help: 'file that holds its password',
  },
  auth_method: { as: 'authMethod', charsMax: 32, option: '--auth-method <method>', help: 'how to log in' },
  private_key: {
    as: 'privateKey',
    charsMax: 32_768,
    secret: true,
    fromFile: true,
    option: '--private-key-file <file>',
    help: 'SSH private key, for public key and certificate',
  },
  passphrase: {
    as: 'passphrase',
    charsMax: 1024,
    secret: true,
    fromFile: true,
    option: '--passphrase-file <file>',
    help: 'file that holds the passphrase of the key',
  },
  certificate: {
    as: 'certificate',
    charsMax: 32_768,
    fromFile: true,
    option: '--certificate-file <file>',
    help: 'SSH user certificate, for certificate',
  },
  domain: { as: 'domain', charsMax: 256, option: '--domain <name>', help: 'Windows domain' },
  realm: { as: 'realm', charsMax: 256, option: '--realm <name>', help: 'Kerberos realm, for Kerberos' },
  kdc: {
    as: 'kdc',
    charsMax: 256,
    option: '--kdc <host>',
    help: 'Kerberos key distribution center, for Kerberos',
  },
  kdc_port: {
    as: 'kdcPort',
    charsMax: 5,
    portMax: 65_535,
    option: '--kdc-port <port>',
    help: 'its port (default: 88)',
  },
  elevate_privileges_with: {
    as: 'elevateWith',
    charsMax: 64,
    option: '--elevate <method>',
    help: 'become root by sudo, su, su+sudo, dzdo, pbrun …',
  },
  escalation_account: {
    as: 'escalationAccount',
    charsMax: 64,
    option: '--escalation-account <name>',
    help: 'account to become (default: root)',
  },
  escalation_password: {
    as: 'escalationPassword',
    charsMax: 1024,
    secret: true,
    fromFile: true,
    option: '--escalation-password-file <file>',
    help: 'file that holds the password for that',
  },
} as const satisfies Readonly<Record<string, CredentialField>>

type Fields = typeof CREDENTIAL_FIELDS
export type CredentialFieldName = keyof Fields
export const CREDENTIAL_FIELD_NAMES = Object.keys(CREDENTIAL_FIELDS) as readonly CredentialFieldName[]
const ENTRIES = Object.entries(CREDENTIAL_FIELDS) as readonly [CredentialFieldName, CredentialField][]

/** Older names that tools still take. */
export const OLDER_NAMES = { ssh_username: 'username', ssh_password: 'password' } as const

/** Each way to log in, and what it cannot do without. Those that begin with windows go by SMB, the others by SSH. */
export const AUTH_METHOD_NEEDS = {
  password: ['username', 'password'],
  'public key': ['username', 'private_key'],
  certificate: ['username', 'private_key', 'certificate'],
  Kerberos: ['username', 'password', 'kdc', 'realm'],
  'windows password': ['username', 'password'],
  /** Its password is the NTLM hash of one. */
  'windows hash': ['username', 'password'],
  'windows kerberos': ['username', 'password', 'kdc', 'realm'],
} as const satisfies Readonly<Record<string, readonly CredentialFieldName[]>>

export type AuthMethod = keyof typeof AUTH_METHOD_NEEDS
export const AUTH_METHODS = Object.keys(AUTH_METHOD_NEEDS) as readonly AuthMethod[]
export type WindowsMethod = Extract<AuthMethod, `windows ${string}`>

export function isWindows(method: AuthMethod | undefined): method is WindowsMethod {
  return method?.startsWith('windows ') ?? false
}

/** An NTLM hash, alone or behind the LM hash as tools print the two. */
export const NTLM_HASH = /^(?:[0-9a-f]{32}:)?[0-9a-f]{32}$/i

export const DEFAULT_AUTH_METHOD: AuthMethod = 'password'

/** The scanner's own word for no escalation. */
export const NO_ESCALATION: Escalation = 'Nothing'

/** Each way to become root, in the scanner's exact words, and what else people write for it. */
export const ESCALATION_SPELLINGS = {
  Nothing: ['none'],
  sudo: [],
  su: [],
  'su+sudo': [],
  dzdo: [],
  pbrun: [],
  '.k5login': ['k5login'],
  "Cisco 'enable'": ['cisco enable', 'enable'],
  "Checkpoint Gaia 'expert'": ['checkpoint gaia expert', 'checkpoint expert'],
} as const satisfies Readonly<Record<string, readonly string[]>>

export type Escalation = keyof typeof ESCALATION_SPELLINGS
export const ESCALATIONS = Object.keys(ESCALATION_SPELLINGS) as readonly Escalation[]

type ValueOf<N extends CredentialFieldName> = N extends 'auth_method'
  ? AuthMethod
  : Fields[N] extends { readonly portMax: number }
    ? number
    : string

/** Values by the names that callers and files use. */
export type CredentialValues = { readonly [N in CredentialFieldName]?: ValueOf<N> | undefined } & CredentialSettings

/** Values by the names within the code; the client turns them into the scanner's. Never logged. */
export type ScanCredentials = {
  readonly [N in 'username' | 'auth_method' as Fields[N]['as']]: ValueOf<N>
} & {
  readonly [N in Exclude<CredentialFieldName, 'username' | 'auth_method'> as Fields[N]['as']]?: ValueOf<N>
} & { readonly settings?: CredentialSettings }

/** Arguments that are secret, older names among them. */
export const SECRET_ARGUMENTS: readonly string[] = ENTRIES.flatMap(([name, { secret }]) => {
  const older = Object.entries(OLDER_NAMES).flatMap(([old, newer]) => (newer === name ? [old] : []))
  return secret ? [name, ...older] : []
})

/** What may come from a file. */
export const FILE_FIELDS = CREDENTIAL_FIELD_NAMES.filter((name) => 'fromFile' in CREDENTIAL_FIELDS[name])

/** `given` by the names within the code; what is absent stays so. */
export function toScanCredentials(
  given: CredentialValues & { readonly username: string; readonly auth_method: AuthMethod },
): ScanCredentials {
  const named = ENTRIES.flatMap(([name, { as }]) => (given[name] === undefined ? [] : [[as, given[name]]]))
  return { ...Object.fromEntries(named), ...settingsAmong(given) } as unknown as ScanCredentials
}

/** The name that callers use for a field of {@link ScanCredentials}. */
export function argumentOf(key: Fields[CredentialFieldName]['as']): CredentialFieldName {
  return ENTRIES.find(([, { as }]) => as === key)![0]
}

/** Every value that no message may repeat. */
export function secretValues(credentials: ScanCredentials): string[] {
  return ENTRIES.flatMap(([, { as, secret }]) => {
    const value = secret ? credentials[as as Fields[CredentialFieldName]['as']] : undefined
    return value === undefined || value === '' ? [] : [String(value)]
  })
}
