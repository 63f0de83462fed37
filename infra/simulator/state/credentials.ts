/**
 * What a simulated target makes of the credentials a scan was given. The word
 * `wrong` is the wrong password everywhere. Only the outcome and the names of
 * the fields are kept; the secrets are dropped here.
 */
import type { LoginOutcome, MaskedCredential } from './scan.ts'
import { elevationsOf, type FormVersion, knownFieldsOf, SSH_METHODS, WINDOWS_METHODS } from './credential-template.ts'

export type GivenCredential = Readonly<Record<string, unknown>>
/** Category, type, items: `Host`, `SSH`, `[{…}]`. */
export type PostedCredentials = Readonly<Record<string, Readonly<Record<string, readonly GivenCredential[]>>>>

/** Anything else is masked: a misspelt field may hold a password too. */
const SHOWN_FIELDS = new Set([
  'auth_method',
  'username',
  'domain',
  'realm',
  'kdc',
  'kdc_port',
  'kdc_transport',
  'elevate_privileges_with',
  'escalation_account',
  'bin_directory',
  'target_priority_list',
  'type',
  'port',
  'host',
  'security_level',
])
const MASK = '********'
const VALUE_CHARS_MAX = 200

export interface SimulatedLogin {
  readonly outcome: LoginOutcome
  readonly masked: readonly MaskedCredential[]
  /** Fields that the template does not list, as `SSH.pasword`. */
  readonly unknownFields: readonly string[]
}

interface Judging {
  readonly version: FormVersion
  readonly hasUpload: (name: string) => boolean
}

/** `hasUpload` tells whether a file of that name was uploaded: a key that was not cannot log in. */
export function judgeCredentials(options: Judging & { credentials: PostedCredentials }): SimulatedLogin {
  const masked: MaskedCredential[] = []
  const unknownFields: string[] = []
  let outcome: LoginOutcome = 'none'
  for (const [category, types] of Object.entries(options.credentials)) {
    for (const [type, items] of Object.entries(types)) {
      const known = knownFieldsOf(category, type, options.version)
      for (const item of items) {
        masked.push({ category, type, fields: mask(item) })
        unknownFields.push(
          ...Object.keys(item)
            .filter((field) => !known.has(field))
            .map((field) => `${type}.${field}`),
        )
        // The first credential of a scan decides: trying several on one host is not simulated.
        if (outcome === 'none') outcome = outcomeOf(type, item, options)
      }
    }
  }
  return { outcome, masked, unknownFields }
}

function outcomeOf(type: string, item: GivenCredential, { version, hasUpload }: Judging): LoginOutcome {
  // Databases and the like: no login on a host, and so nothing that decides which report is served.
  if (type !== 'SSH' && type !== 'Windows') return 'none'
  const text = (field: string): string => (typeof item[field] === 'string' ? item[field] : '')
  if (text('username') === '') return 'unusable'
  // Display strings, told apart by case, as on the real scanner: `Password` is no SSH method.
  const methods: readonly string[] = type === 'SSH' ? SSH_METHODS : WINDOWS_METHODS
  if (!methods.includes(text('auth_method'))) return 'unusable'
  if (text('password') === 'wrong' || text('private_key_passphrase') === 'wrong') return 'wrong-password'
  if (type === 'Windows') return 'windows'
  const needsKey = text('auth_method') === 'public key' || text('auth_method') === 'certificate'
  if (needsKey && !hasUpload(text('private_key'))) return 'wrong-password'
  const elevation = text('elevate_privileges_with') || 'Nothing'
  const isElevated = elevation !== 'Nothing' && elevationsOf(version).includes(elevation)
  if (!isElevated) return text('username') === 'root' ? 'privileged' : 'authenticated'
  return text('escalation_password') === 'wrong' ? 'failed-escalation' : 'privileged'
}

function mask(item: GivenCredential): Record<string, string> {
  return Object.fromEntries(
    Object.entries(item).map(([field, value]) => [
      field,
      SHOWN_FIELDS.has(field) && typeof value === 'string' ? value.slice(0, VALUE_CHARS_MAX) : MASK,
    ]),
  )
}
