/** The credential arguments of the run tools, and the record of what was given: never a secret. */
import * as v from 'valibot'
import { Refusal } from '../../base/errors.ts'
import { meantPerhaps } from '../../base/near-names.ts'
import {
  AUTH_METHOD_NEEDS,
  AUTH_METHODS,
  CREDENTIAL_FIELD_NAMES,
  CREDENTIAL_FIELDS,
  type CredentialValues,
  DEFAULT_AUTH_METHOD,
} from '../../facts/credential-fields.ts'
import { CREDENTIAL_SETTING_NAMES, CREDENTIAL_SETTINGS } from '../../facts/credential-settings.ts'
import type { Scan } from '../../scans/record.ts'
import type { ToolContext } from '../../runtime/tool.ts'

const text = (length: number, description: string) =>
  v.optional(v.pipe(v.string(), v.nonEmpty(), v.maxLength(length), v.description(description)))

/** Its messages must not repeat what came. */
export const secretArgument = (length: number, description: string) =>
  v.optional(
    v.pipe(
      v.string('expected text'),
      v.nonEmpty('expected text, got none'),
      v.maxLength(length, `expected at most ${length} characters`),
      v.description(description),
    ),
  )

/** What a model is told of each. What a method needs is said too, since a schema cannot. */
const SAYS = {
  username: 'Account to log in with. On the targets.',
  password: 'Its password. For all methods but public key and certificate; sealed at once, never shown again.',
  private_key: 'SSH key (PEM). Needed for public key and certificate.',
  passphrase: 'Of the private key.',
  certificate: 'SSH certificate. Needed for certificate.',
  domain: 'Windows domain. For windows password and hash.',
  realm: 'Kerberos realm. Needed for Kerberos, by SSH and Windows.',
  kdc: 'Kerberos server. Its key distribution center, host name or address; needed for Kerberos.',
  escalation_account: 'Default: root. Account to become.',
  escalation_password: 'If asked for. Password for the escalation; leave it out for NOPASSWD.',
} as const

/** Every method needs an account: where no configured credential can stand for it, it is required. */
export const requiredUsername = v.pipe(
  v.string(),
  v.nonEmpty(),
  v.maxLength(CREDENTIAL_FIELDS.username.charsMax),
  v.description(SAYS.username),
)

function argument(name: keyof typeof SAYS) {
  const field = CREDENTIAL_FIELDS[name]
  return 'secret' in field ? secretArgument(field.charsMax, SAYS[name]) : text(field.charsMax, SAYS[name])
}

export const loginArguments = {
  username: argument('username'),
  password: argument('password'),
  auth_method: v.optional(
    v.pipe(
      v.picklist(AUTH_METHODS),
      v.description(
        'Default: password. The first four are SSH, the others Windows (SMB); with windows hash, password is the NTLM hash.',
      ),
    ),
  ),
  private_key: argument('private_key'),
  passphrase: argument('passphrase'),
  certificate: argument('certificate'),
  domain: argument('domain'),
  realm: argument('realm'),
  kdc: argument('kdc'),
  kdc_port: v.optional(
    v.pipe(
      v.number(),
      v.integer(),
      v.minValue(1),
      v.maxValue(CREDENTIAL_FIELDS.kdc_port.portMax),
      v.description('Its port.'),
    ),
  ),
  ssh_port: v.optional(
    v.pipe(
      v.number(),
      v.integer(),
      v.minValue(1),
      v.maxValue(CREDENTIAL_SETTINGS.ssh_port.portMax),
      v.description('Port of SSH, where it is not 22.'),
    ),
  ),
  start_remote_registry: v.optional(
    v.pipe(v.boolean(), v.description('Start that service on Windows targets during the scan.')),
  ),
  enable_admin_shares: v.optional(
    v.pipe(v.boolean(), v.description('Enable administrative shares on Windows targets during the scan.')),
  ),
}

export const escalationArguments = {
  escalation_account: argument('escalation_account'),
  escalation_password: argument('escalation_password'),
}

const CREDENTIALS_MAX = 10
/** All that a credential given in the call may have. */
const INLINE_NAMES = [...CREDENTIAL_FIELD_NAMES, ...CREDENTIAL_SETTING_NAMES]

export const moreCredentials = v.optional(
  v.pipe(
    v.array(v.pipe(v.string(), v.nonEmpty(), v.maxLength(100))),
    v.maxLength(CREDENTIALS_MAX),
    v.description(
      'Configured names, tried after credential. In this order, of any kind; each must be allowed for all targets.',
    ),
  ),
)

/** Credentials as the tools take them, whatever the tool. */
export type GivenCredentials = CredentialValues & {
  readonly credential?: string | undefined
  readonly more_credentials?: readonly string[] | undefined
}

/** Checks that what the method needs is there, and makes the record of it. Whether the targets are right for a named one is for {@link submitScan} to ask. */
export function credentialsOf(
  given: GivenCredentials,
  context: Pick<ToolContext, 'scanners' | 'sealed' | 'caller'>,
): NonNullable<Scan['credentials']> {
  if (given.credential !== undefined) return namedCredential(given, given.credential, context)
  if (given.more_credentials?.length) {
    throw refusal('more_credentials', 'more_credentials: come after credential, a configured one; send that too.')
  }
  const method = given.auth_method ?? DEFAULT_AUTH_METHOD
  for (const name of AUTH_METHOD_NEEDS[method]) {
    if (given[name] !== undefined) continue
    const named = context.scanners.credentialNames(context.caller)
    const remedy = named.length === 0 ? '' : ` Or name a configured credential: ${named.join(', ')}.`
    throw refusal(name, `${name}: expected, since auth_method is ${method}; got none.${remedy}`)
  }
  if (context.sealed === undefined)
    throw new Refusal('internal', 'The gateway did not seal the credentials; update it.')
  const all = { ...given, auth_method: method }
  const shown = INLINE_NAMES.flatMap((name) => (all[name] === undefined ? [] : [[name, all[name]]]))
  return { kind: 'sealed', ref: context.sealed, shown: Object.fromEntries(shown) }
}

function namedCredential(
  given: GivenCredentials,
  name: string,
  { scanners, caller }: Pick<ToolContext, 'scanners' | 'caller'>,
): NonNullable<Scan['credentials']> {
  // All that a configured one has of its own: it would be passed over in silence.
  const inline = INLINE_NAMES.find((each) => given[each] !== undefined)
  if (inline) throw refusal(inline, `Send credential or ${inline}, not both: "${name}" has its own.`)
  const known = scanners.credentialNames(caller)
  const require = (argument: string, wanted: string) => {
    if (known.includes(wanted)) return
    const list = known.length === 0 ? 'There is none for you.' : `There is: ${known.join(', ')}.`
    throw refusal(argument, `${argument}: there is no credential "${wanted}"${meantPerhaps(wanted, known)}. ${list}`)
  }
  require('credential', name)
  // Twice the same would try each wrong login twice, and lock accounts the sooner.
  const more = [...new Set(given.more_credentials)].filter((each) => each !== name)
  for (const each of more) require('more_credentials', each)
  if (more.length === 0) return { kind: 'named', ref: name, shown: { credential: name } }
  return { kind: 'named', ref: name, more, shown: { credential: name, more_credentials: more } }
}

function refusal(argument: string, message: string): Refusal {
  return new Refusal('invalid_argument', message, { arguments: [argument] })
}
