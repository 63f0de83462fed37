/** The fields that may be named in a question: those of the findings of a report, or those of the table that is asked. */
import { Refusal } from '../../base/errors.ts'
import { fieldName, KNOWN_FIELDS } from '../fields.ts'
import { INVENTORY, INVENTORY_FIELDS, INVENTORY_KINDS } from '../inventory/kinds.ts'
import { LIFE_BASE_FIELDS, LIFE_FIELDS } from '../ledger/life-fields.ts'
import { HOST_TABLE_FIELDS, tableFields } from '../inventory/table.ts'
import { type FieldCatalogue, makeFieldCatalogue } from '../query/field-catalogue.ts'
import { meaning, meantNames } from '../query/other-words.ts'
import type { Store } from '../store/store-reader.ts'
import type { Question } from './question.ts'

const LIFE_TABLE_FIELDS: readonly string[] = [...LIFE_FIELDS.keys(), ...LIFE_BASE_FIELDS]

export function catalogueOf({ of, table }: Pick<Question, 'of' | 'table'>, { fields }: Store): FieldCatalogue {
  if (table === 'findings') return ofFindings(makeFieldCatalogue(fields))
  const all = table === 'hosts' ? HOST_TABLE_FIELDS : table === 'lives' ? LIFE_TABLE_FIELDS : tableFields(table)
  return {
    all,
    field(written, where) {
      const name = fieldName(written)
      const own = table === 'lives' ? LIFE_FIELDS : INVENTORY_FIELDS
      const field = all.includes(name) ? (own.get(name) ?? KNOWN_FIELDS.get(name)) : undefined
      if (field) return field
      const elsewhere = KNOWN_FIELDS.has(name) ? '; it is a field of findings' : elsewhereIn(name)
      throw new Refusal(
        'invalid_argument',
        `${where}: ${of} has no field ${JSON.stringify(written.slice(0, 100))}${elsewhere ?? meaning(name, all)}. Its fields: ${all.join(', ')}`,
        { argument: where, near: meantNames(name, all) },
      )
    },
  }
}

/** A field of the inventory asked of findings is no unknown field: it belongs to another subject. */
function ofFindings(catalogue: FieldCatalogue): FieldCatalogue {
  return {
    all: catalogue.all,
    field(written, where) {
      const name = fieldName(written)
      const elsewhere = catalogue.all.includes(name) ? undefined : elsewhereIn(name)
      if (elsewhere === undefined) return catalogue.field(written, where)
      throw new Refusal('invalid_argument', `${where}: findings have no field ${JSON.stringify(name)}${elsewhere}`, {
        argument: where,
      })
    },
  }
}

function elsewhereIn(name: string): string | undefined {
  if (LIFE_FIELDS.has(name) && !KNOWN_FIELDS.has(name)) return '; it is a field of "of": "lives"'
  const kinds = INVENTORY_KINDS.filter((kind) => Object.hasOwn(INVENTORY[kind].fields, name))
  return kinds.length === 0 ? undefined : `; it is a field of "of": ${kinds.map((kind) => `"${kind}"`).join(' or ')}`
}
