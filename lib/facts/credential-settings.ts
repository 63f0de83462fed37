/**
 * What a scanner sets once for all credentials of a kind in a scan, under its own name in the scanner's form. The tools'
 * schemas, the records, the configuration, the command line and the scanner client read this table.
 */
export const CREDENTIAL_SETTINGS = {
  ssh_port: {
    type: 'SSH',
    portMax: 65_535,
    option: '--ssh-port <port>',
    help: 'port of SSH on the targets, where it is not 22',
  },
  start_remote_registry: {
    type: 'Windows',
    option: '--start-remote-registry',
    help: 'start the Remote Registry service on Windows targets while they are scanned',
  },
  enable_admin_shares: {
    type: 'Windows',
    option: '--enable-admin-shares',
    help: 'enable administrative shares on Windows targets while they are scanned',
  },
} as const satisfies Readonly<Record<string, CredentialSetting>>

interface CredentialSetting {
  /** The type of credentials to which it belongs, in the scanner's word. */
  readonly type: 'SSH' | 'Windows'
  /** A port up to so many; the others are switched on. */
  readonly portMax?: number
  readonly option: string
  readonly help: string
}

type Settings = typeof CREDENTIAL_SETTINGS
export type CredentialSettingName = keyof Settings
export const CREDENTIAL_SETTING_NAMES = Object.keys(CREDENTIAL_SETTINGS) as readonly CredentialSettingName[]

export type CredentialSettings = {
  readonly [N in CredentialSettingName]?:
    | (Settings[N] extends { readonly portMax: number } ? number : boolean)
    | undefined
}

/** Those of `given` that are there; nothing where none is. */
export function settingsAmong(given: CredentialSettings): { readonly settings?: CredentialSettings } {
  const found = CREDENTIAL_SETTING_NAMES.flatMap((name) => (given[name] === undefined ? [] : [[name, given[name]]]))
  return found.length === 0 ? {} : { settings: Object.fromEntries(found) as CredentialSettings }
}

/** Why one of `given` does not go with credentials of `type`, to follow its name; nothing where all do. */
export function misplacedSetting(
  given: CredentialSettings,
  type: 'SSH' | 'Windows',
): { readonly name: CredentialSettingName; readonly problem: string } | undefined {
  const name = CREDENTIAL_SETTING_NAMES.find(
    (each) => given[each] !== undefined && CREDENTIAL_SETTINGS[each].type !== type,
  )
  if (name === undefined) return undefined
  return { name, problem: `belongs to ${CREDENTIAL_SETTINGS[name].type} credentials, and these are for ${type}` }
}
