/** Reads a credential by the scanner's own form: `kind`, and `fields` under ours or the form's names. No message repeats a value. */
import { didYouMean } from '../../base/near-names.ts'
import { CREDENTIAL_FIELDS } from '../../facts/credential-fields.ts'
import { type FormCredentials, kindOf, plainWord } from '../../facts/credential-kinds.ts'
import { readPrivateKey } from '../../facts/private-key.ts'
import { isMapping } from './fields.ts'
import type { EntryContext } from './scanner-entry.ts'
import type { Path } from './source.ts'
import { secretFromFile } from './secret-files.ts'

const FIELDS_MAX = 60
const CHARS_MAX = 64 * 1024
const PRIVATE_KEY = plainWord(CREDENTIAL_FIELDS.private_key.as)

export function readFormCredentials(
  { kind, fields }: { readonly kind: string; readonly fields: Readonly<Record<string, unknown>> },
  { source, path, readFile }: EntryContext,
): FormCredentials {
  const names = Object.keys(fields)
  const at = [...path, 'fields']
  if (names.length === 0 || names.length > FIELDS_MAX) {
    source.problem(at, `expected 1 to ${FIELDS_MAX} fields, got ${names.length}`)
  }
  for (const needed of kindOf(kind).needs) {
    if (names.some((name) => plainWord(name) === plainWord(needed))) continue
    source.problem([...at, needed], `missing; credentials of the kind ${kind} need it${didYouMean(needed, names)}`)
  }
  const read = names.map((name) => {
    const here: Path = [...at, name]
    const given = fields[name]
    const value = isMapping(given) ? fileOf(given, here, { source, path, readFile }) : textOf(name, given)
    if (value === undefined || value.length > CHARS_MAX) {
      source.problem(
        here,
        `expected text of at most ${CHARS_MAX} characters (digits in quotes), true, false or {file: <path>}`,
      )
      return [name, ''] as const
    }
    return [name, keyIn(name, value, (problem) => source.problem(here, problem))] as const
  })
  return { kind, fields: Object.fromEntries(read) }
}

function textOf(name: string, value: unknown): string | undefined {
  if (typeof value === 'string') return value
  // A password of digits loses its leading zeros unless it stands in quotes.
  if (typeof value === 'number') return /port$/i.test(name) ? String(value) : undefined
  // As the scanner's forms say it.
  return typeof value === 'boolean' ? (value ? 'yes' : 'no') : undefined
}

function fileOf(
  given: Readonly<Record<string, unknown>>,
  here: Path,
  { source, readFile }: EntryContext,
): string | undefined {
  const { file, ...others } = given
  if (typeof file !== 'string' || file === '' || Object.keys(others).length > 0) return undefined
  return secretFromFile(file, here, source, readFile)
}

/** A private key is read here, and not found out after a scan. */
function keyIn(name: string, value: string, problem: (what: string) => void): string {
  if (plainWord(name) !== PRIVATE_KEY) return value
  const read = readPrivateKey(value)
  if ('key' in read) return read.key
  problem(read.problem)
  return ''
}
