/** The fields that may be named in a request for one report: those it has, and those this version knows. */
import { Refusal } from '../../base/errors.ts'
import { BASE_FIELDS, type Field, fieldName, KNOWN_FIELDS } from '../fields.ts'
import { meaning, meantNames } from './other-words.ts'

export interface FieldCatalogue {
  /** The field that `written` names. Throws a {@link Refusal} that lists near names; `where` begins its message. */
  field(written: string, where: string): Field
  /** Every field of the report in the order of a full line. */
  readonly all: readonly string[]
}

export function makeFieldCatalogue(reportFields: readonly Field[]): FieldCatalogue {
  const inReport = new Map(reportFields.map((field) => [field.name, field]))
  const base = new Set<string>(BASE_FIELDS)
  const all = [...BASE_FIELDS, ...reportFields.map((field) => field.name).filter((name) => !base.has(name))]
  return {
    all,
    field(written, where) {
      const name = fieldName(written)
      const field = inReport.get(name) ?? KNOWN_FIELDS.get(name)
      if (field) return field
      const names = new Set([...all, ...KNOWN_FIELDS.keys()])
      const came = JSON.stringify(written.slice(0, 100))
      throw new Refusal('invalid_argument', `${where}: there is no field ${came}${meaning(name, names)}`, {
        argument: where,
        near: meantNames(name, names),
      })
    },
  }
}
