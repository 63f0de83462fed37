/** The credential part of a scan template: which fields there are, what they may hold. Clients read ids from here. */

export const SSH_METHODS: readonly string[] = ['certificate', 'Kerberos', 'password', 'public key']
export const WINDOWS_METHODS: readonly string[] = ['Kerberos', 'LM Hash', 'NTLM Hash', 'Password']
export const ELEVATIONS: readonly string[] = [
  'Nothing',
  '.k5login',
  "Cisco 'enable'",
  'dzdo',
  'pbrun',
  'su',
  'su+sudo',
  'sudo',
  "Checkpoint Gaia 'expert'",
]

interface Input {
  readonly id: string
  readonly name: string
  readonly type: 'entry' | 'password' | 'file' | 'select' | 'checkbox'
  readonly required: boolean
  readonly default?: string
  readonly placeholder?: string
  readonly options?: readonly { readonly name: string; readonly inputs: readonly Input[] }[]
}

interface CredentialType {
  readonly name: string
  readonly max: number
  readonly inputs: readonly Input[]
  readonly settings: readonly Input[]
}

const INSTANCES_MAX = 1000

const entry = (id: string, name: string, required = false): Input => ({ id, name, type: 'entry', required })
const secret = (id: string, name: string, required = false): Input => ({ id, name, type: 'password', required })
const file = (id: string, name: string): Input => ({ id, name, type: 'file', required: true })

function elevation(suSudoUserField: string): Input {
  const account = { ...entry('escalation_account', 'Escalation account'), default: 'root', placeholder: 'root' }
  const full = [account, secret('escalation_password', 'Escalation password'), entry('bin_directory', 'Location')]
  const inputs: Readonly<Record<string, readonly Input[]>> = {
    Nothing: [],
    '.k5login': [account],
    "Cisco 'enable'": [secret('escalation_password', 'Enable password')],
    'su+sudo': [entry(suSudoUserField, 'su user'), ...full],
    "Checkpoint Gaia 'expert'": [secret('escalation_password', 'Expert password')],
  }
  return {
    id: 'elevate_privileges_with',
    name: 'Elevate privileges with',
    type: 'select',
    required: false,
    default: 'Nothing',
    options: ELEVATIONS.map((name) => ({ name, inputs: inputs[name] ?? full })),
  }
}

function method(byDefault: string, inputs: Readonly<Record<string, readonly Input[]>>): Input {
  const options = Object.entries(inputs).map(([name, own]) => ({ name, inputs: own }))
  return {
    id: 'auth_method',
    name: 'Authentication method',
    type: 'select',
    required: true,
    default: byDefault,
    options,
  }
}

function sshType(suSudoUserField: string): CredentialType {
  const username = entry('username', 'Username', true)
  const password = secret('password', 'Password', true)
  const elevate = elevation(suSudoUserField)
  const passphrase = secret('private_key_passphrase', 'Private key passphrase')
  const hosts = entry('target_priority_list', 'Targets to prioritize credentials')
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
    password: [username, password, elevate, entry('custom_password_prompt', 'Custom password prompt'), hosts],
    'public key': [username, file('private_key', 'Private key'), passphrase, elevate, hosts],
  }
  const settings: Input[] = [
    entry('ssh_known_hosts', 'known_hosts file'),
    { ...entry('ssh_port', 'Preferred port'), default: '22' },
    { ...entry('ssh_client_banner', 'Client version'), default: 'OpenSSH_5.0' },
    {
      id: 'attempt_least_privilege',
      name: 'Attempt least privilege',
      type: 'checkbox',
      required: false,
      default: 'no',
    },
  ]
  return { name: 'SSH', max: INSTANCES_MAX, inputs: [method('public key', methods)], settings }
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
  const box = (id: string, name: string, byDefault: string): Input => ({
    id,
    name,
    type: 'checkbox',
    required: false,
    default: byDefault,
  })
  const settings = [
    box('never_send_win_creds_in_the_clear', 'Never send credentials in the clear', 'yes'),
    box('dont_use_ntlmv1', 'Do not use NTLMv1 authentication', 'yes'),
    box('start_remote_registry', 'Start the Remote Registry service during the scan', 'no'),
    box('enable_admin_shares', 'Enable administrative shares during the scan', 'no'),
  ]
  return { name: 'Windows', max: INSTANCES_MAX, inputs: [method('Password', methods)], settings }
}

/** The types of the category `Host`. */
export function hostCredentialTypes(suSudoUserField: string): readonly CredentialType[] {
  return [sshType(suSudoUserField), windowsType()]
}

/** Every field id that `type` knows, whichever method is chosen. */
export function knownFieldsOf(type: string, suSudoUserField: string): ReadonlySet<string> {
  const found = new Set<string>()
  const visit = (inputs: readonly Input[]): void => {
    for (const input of inputs) {
      found.add(input.id)
      for (const option of input.options ?? []) visit(option.inputs)
    }
  }
  for (const one of hostCredentialTypes(suSudoUserField)) if (one.name === type) visit(one.inputs)
  return found
}
