/**
 * The credential part of a scan template: which kinds and fields there are, what they may hold. Clients read ids from here.
 *
 * | what | from |
 * |---|---|
 * | `custom_password_prompt`, `target_priority_list`, Checkpoint Gaia 'expert' | 10 |
 * | `attempt_least_privilege` [C] | 8 |
 * | a type for each database, in place of one for all [?] | the quirk `databaseTypes` |
 */
import type { Profile, SimulatorSettings } from '../options.ts'
import {
  box,
  selectOf,
  type CredentialType,
  entry,
  file,
  idsOf,
  type Input,
  INSTANCES_MAX,
  secret,
} from './form-inputs.ts'
import { databaseTypes as databases, MISCELLANEOUS, snmpType } from './service-credentials.ts'

export const SSH_METHODS: readonly string[] = ['certificate', 'Kerberos', 'password', 'public key']
export const WINDOWS_METHODS: readonly string[] = ['Kerberos', 'LM Hash', 'NTLM Hash', 'Password']
const GAIA = "Checkpoint Gaia 'expert'"
const ELEVATIONS: readonly string[] = [
  'Nothing',
  '.k5login',
  "Cisco 'enable'",
  'dzdo',
  'pbrun',
  'su',
  'su+sudo',
  'sudo',
  GAIA,
]

/** What the form of one scanner is like. */
export interface FormVersion {
  readonly profile: Profile
  readonly suSudoUserField: string
  readonly databaseTypes: 'together' | 'each'
}

export function formVersion({ profile, quirks }: Pick<SimulatorSettings, 'profile' | 'quirks'>): FormVersion {
  const { suSudoUserField, databaseTypes } = quirks
  return { profile, suSudoUserField, databaseTypes }
}

/** The newer line, whose forms were seen with more. */
const isNewest = ({ profile }: FormVersion): boolean => profile === 10

export function elevationsOf(version: FormVersion): readonly string[] {
  return ELEVATIONS.filter((word) => word !== GAIA || isNewest(version))
}

function elevation(version: FormVersion): Input {
  const account = { ...entry('escalation_account', 'Escalation account'), default: 'root', placeholder: 'root' }
  const full = [account, secret('escalation_password', 'Escalation password'), entry('bin_directory', 'Location')]
  const inputs: Readonly<Record<string, readonly Input[]>> = {
    Nothing: [],
    '.k5login': [account],
    "Cisco 'enable'": [secret('escalation_password', 'Enable password')],
    'su+sudo': [entry(version.suSudoUserField, 'su user'), ...full],
    [GAIA]: [secret('escalation_password', 'Expert password')],
  }
  const options = Object.fromEntries(elevationsOf(version).map((word) => [word, inputs[word] ?? full]))
  return { ...selectOf('elevate_privileges_with', 'Elevate privileges with', options, 'Nothing'), required: false }
}

function sshType(version: FormVersion): CredentialType {
  const username = entry('username', 'Username', true)
  const password = secret('password', 'Password', true)
  const elevate = elevation(version)
  const passphrase = secret('private_key_passphrase', 'Private key passphrase')
  const hosts = isNewest(version) ? [entry('target_priority_list', 'Targets to prioritize credentials')] : []
  const prompt = isNewest(version) ? [entry('custom_password_prompt', 'Custom password prompt')] : []
  const methods = {
    certificate: [
      username,
      file('user_cert', 'User certificate'),
      file('private_key', 'Private key'),
      passphrase,
      elevate,
    ],
    Kerberos: [
      username,
      password,
      entry('kdc', 'Key Distribution Center (KDC)', true),
      entry('kdc_port', 'KDC port'),
      entry('kdc_transport', 'KDC transport'),
      entry('realm', 'Realm', true),
      elevate,
    ],
    password: [username, password, elevate, ...prompt, ...hosts],
    'public key': [username, file('private_key', 'Private key'), passphrase, elevate, ...hosts],
  }
  const settings: Input[] = [
    entry('ssh_known_hosts', 'known_hosts file'),
    { ...entry('ssh_port', 'Preferred port'), default: '22' },
    { ...entry('ssh_client_banner', 'Client version'), default: 'OpenSSH_5.0' },
    ...(version.profile >= 8 ? [box('attempt_least_privilege', 'Attempt least privilege', 'no')] : []),
  ]
  return {
    name: 'SSH',
    max: INSTANCES_MAX,
    inputs: [selectOf('auth_method', 'Authentication method', methods, 'public key')],
    settings,
  }
}

function windowsType(): CredentialType {
  const username = entry('username', 'Username', true)
  const domain = entry('domain', 'Domain')
  const methods = {
    Password: [username, secret('password', 'Password', true), domain],
    'NTLM Hash': [username, secret('password', 'Hash', true), domain],
    'LM Hash': [username, secret('password', 'Hash', true), domain],
    Kerberos: [
      username,
      secret('password', 'Password', true),
      entry('kdc', 'KDC', true),
      entry('realm', 'Realm', true),
      domain,
    ],
  }
  const settings = [
    box('never_send_win_creds_in_the_clear', 'Never send credentials in the clear', 'yes'),
    box('dont_use_ntlmv1', 'Do not use NTLMv1 authentication', 'yes'),
    box('start_remote_registry', 'Start the Remote Registry service during the scan', 'no'),
    box('enable_admin_shares', 'Enable administrative shares during the scan', 'no'),
  ]
  return {
    name: 'Windows',
    max: INSTANCES_MAX,
    inputs: [selectOf('auth_method', 'Authentication method', methods, 'Password')],
    settings,
  }
}

/** Category, and its types. */
export function credentialForms(version: FormVersion): Readonly<Record<string, readonly CredentialType[]>> {
  return {
    Host: [sshType(version), windowsType(), snmpType()],
    Miscellaneous: MISCELLANEOUS,
    Database: databases(version.databaseTypes),
  }
}

/** Every field id that a type knows, whichever method is chosen; none of a type that this version does not have. */
export function knownFieldsOf(category: string, type: string, version: FormVersion): ReadonlySet<string> {
  const types = credentialForms(version)[category] ?? []
  return new Set(types.filter(({ name }) => name === type).flatMap(({ inputs }) => idsOf(inputs)))
}

/** Those of the posted settings that belong to all credentials of a type. */
export function credentialSettings(
  posted: Readonly<Record<string, unknown>>,
  version: FormVersion,
): Readonly<Record<string, string>> {
  const types = Object.values(credentialForms(version)).flat()
  const ids = types.flatMap(({ settings }) => idsOf(settings))
  return Object.fromEntries(ids.flatMap((id) => (typeof posted[id] === 'string' ? [[id, posted[id]]] : [])))
}
