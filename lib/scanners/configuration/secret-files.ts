/** Replaces `password_file: <path>` by `password: <what the file holds>`, for every key that may come from a file. */
import { dirname, resolve } from 'node:path'
import { FILE_FIELDS } from '../../facts/credential-fields.ts'
import type { Path, Source } from './source.ts'

/** The keys that may be given as `<key>_file`. */
export const FILE_KEYS: readonly string[] = [
  ...new Set([
    'username',
    'password',
    'access_key',
    'secret_key',
    'ca',
    'client_certificate',
    'client_key',
    'proxy_password',
    ...FILE_FIELDS,
  ]),
]

const CHARACTERS_MAX = 64 * 1024

/** Returns `fields` with every `<key>_file` read; a file that cannot be read becomes a problem of `source`. */
export function readSecretFiles(
  fields: Record<string, unknown>,
  { source, path, readFile }: { source: Source; path: Path; readFile: (path: string) => string },
): Record<string, unknown> {
  const result = { ...fields }
  for (const key of FILE_KEYS) {
    const fileKey = `${key}_file`
    const file = fields[fileKey]
    if (file === undefined) continue
    delete result[fileKey]
    if (fields[key] !== undefined) {
      source.problem([...path, fileKey], `expected either ${key} or ${fileKey}, got both`)
    } else if (typeof file !== 'string' || file === '') {
      source.problem([...path, fileKey], 'expected the path of a file')
    } else {
      result[key] = secretFromFile(file, [...path, fileKey], source, readFile)
    }
  }
  return result
}

/** What `named` holds, a path beside the configuration; what is wrong with it becomes a problem of `source`. */
export function secretFromFile(named: string, path: Path, source: Source, readFile: (path: string) => string): string {
  const file = resolve(dirname(source.file), named)
  try {
    // Editors and `echo` end a file with a line end that is no part of the secret.
    const text = readFile(file).replace(/\r?\n$/, '')
    if (text !== '' && text.length <= CHARACTERS_MAX) return text
    source.problem(path, `${file}: expected 1 to ${CHARACTERS_MAX} characters, got ${text.length}`)
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'unknown error'
    source.problem(path, `cannot read ${file} (${code})`)
  }
  // Stands in, so that the missing secret is not told a second time.
  return '?'
}
