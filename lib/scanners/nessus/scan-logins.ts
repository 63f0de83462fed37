/**
 * All credentials of one scan as the scanner takes them: by category and type, those of a type in their order, since the
 * scanner tries them so. What belongs to all of a type goes among the settings of the scan.
 */
import { CallerMistake } from '../../base/errors.ts'
import type { ScanCredentials } from '../../facts/credential-fields.ts'
import { type AnyCredentials, isByForm } from '../../facts/credential-kinds.ts'
import { CREDENTIAL_SETTING_NAMES, CREDENTIAL_SETTINGS } from '../../facts/credential-settings.ts'
import { type CredentialHelp, hostCredentials } from './credentials.ts'
import { formLogin } from './form-credentials.ts'
import { credentialTypes, objectsOf } from './form-parts.ts'

const REMEDY = 'Start the scan again without it, or with another credential.'

type Fields = Readonly<Record<string, string>>

export interface ScanLogins {
  readonly credentials: object
  readonly settings: Fields
}

/** Throws CallerMistake or PermanentError for what cannot be sent; then nothing was created. */
export async function scanLogins(logins: readonly AnyCredentials[], help: CredentialHelp): Promise<ScanLogins> {
  const add: Record<string, Record<string, object[]>> = {}
  const settings: Record<string, string> = {}
  for (const login of logins) {
    const made = isByForm(login) ? await byForm(login, help) : await byKnownFields(login, help)
    for (const [category, type, item] of made.items) ((add[category] ??= {})[type] ??= []).push(item)
    for (const [id, value] of Object.entries(made.settings)) {
      if ((settings[id] ??= value) !== value) {
        throw new CallerMistake(`${id}: a scan has one for all credentials of a kind, and two of these differ`, REMEDY)
      }
    }
  }
  return { credentials: { add, edit: {}, delete: [] }, settings }
}

interface Made {
  readonly items: readonly (readonly [category: string, type: string, item: object])[]
  readonly settings: Fields
}

async function byForm(login: Parameters<typeof formLogin>[0], help: CredentialHelp): Promise<Made> {
  const { category, type, item, settings } = await formLogin(login, await help.template(), help.upload)
  return { items: [[category, type, item]], settings }
}

async function byKnownFields(login: ScanCredentials, help: CredentialHelp): Promise<Made> {
  // First: what the form has no place for is found out before a key is uploaded.
  const settings = login.settings === undefined ? {} : settingsOf(login.settings, await help.template())
  const types = Object.entries(await hostCredentials(login, help))
  return { items: types.flatMap(([type, items]) => items.map((item) => ['Host', type, item] as const)), settings }
}

function settingsOf(given: NonNullable<ScanCredentials['settings']>, form: unknown): Fields {
  const types = credentialTypes(form)
  const asked = CREDENTIAL_SETTING_NAMES.filter((name) => given[name] !== undefined)
  return Object.fromEntries(
    asked.map((name) => {
      const { type } = CREDENTIAL_SETTINGS[name]
      const fields = types.flatMap((each) => (each.type['name'] === type ? objectsOf(each.type['settings']) : []))
      if (!fields.some(({ id }) => id === name)) {
        throw new CallerMistake(`${name}: the form of this scanner's template has no such setting for ${type}`, REMEDY)
      }
      const value = given[name]
      return [name, typeof value === 'boolean' ? (value ? 'yes' : 'no') : String(value)]
    }),
  )
}
