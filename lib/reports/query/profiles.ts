/** Which fields a page of results shows. */
import { Refusal } from '../../base/errors.ts'
import type { FieldCatalogue } from './field-catalogue.ts'
import { didYouMean } from '../../base/near-names.ts'
import { DEFAULT_PROFILE, PROFILE_NAMES, type ProfileName, PROFILES } from '../../facts/profiles.ts'

export const FIELDS_MAX = 200

export interface Chosen {
  readonly profile: string
  readonly fields: readonly string[]
}

/** The fields to show. `custom_fields` excludes a profile other than the default. */
export function chooseFields(
  profile: string | undefined,
  customFields: readonly string[] | undefined,
  catalogue: FieldCatalogue,
): Chosen {
  if (profile !== undefined && profile !== 'custom' && !Object.hasOwn(PROFILES, profile)) {
    const names = PROFILE_NAMES
    const came = JSON.stringify(profile.slice(0, 100))
    const message = `schema_profile: expected one of ${names.join(', ')}, got ${came}${didYouMean(profile, names)}`
    throw new Refusal('invalid_argument', message)
  }
  if (customFields !== undefined) {
    if (profile !== undefined && profile !== DEFAULT_PROFILE && profile !== 'custom') {
      throw new Refusal(
        'invalid_argument',
        `custom_fields: cannot be combined with schema_profile ${profile}; give one`,
      )
    }
    if (customFields.length === 0 || customFields.length > FIELDS_MAX) {
      throw new Refusal(
        'invalid_argument',
        `custom_fields: expected 1 to ${FIELDS_MAX} fields, got ${customFields.length}`,
      )
    }
    const fields = customFields.map((name) => catalogue.field(name, 'custom_fields').name)
    return { profile: 'custom', fields: [...new Set(fields)] }
  }
  if (profile === 'custom') throw new Refusal('invalid_argument', 'custom_fields: needed with schema_profile custom')
  const name = (profile ?? DEFAULT_PROFILE) as ProfileName
  return { profile: name, fields: name === 'full' ? catalogue.all : PROFILES[name] }
}
