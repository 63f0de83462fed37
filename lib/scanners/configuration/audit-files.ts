/** Reads the `audit_files` mapping of a scanner: compliance audits that a call may name. Their content is read as a scan is made. */
import { dirname, resolve } from 'node:path'
import type { ScannerEntry } from '../entry.ts'
import { auditFileFields, isMapping, readFields } from './fields.ts'
import type { Path, Source } from './source.ts'

const CHARS_MAX = 4 * 1024 * 1024
const NAME = /^[a-z0-9][a-z0-9._ -]{0,63}$/i

interface Reading {
  readonly source: Source
  readonly path: Path
  readonly readFile: (path: string) => string
}

export function readAuditFiles(
  value: Readonly<Record<string, unknown>> | undefined,
  { source, path, readFile }: Reading,
): Pick<ScannerEntry, 'auditFiles'> {
  const files = Object.entries(value ?? {}).flatMap(([name, given]) => {
    const at = [...path, 'audit_files', name]
    if (!NAME.test(name)) source.problem(at, 'expected a name of 1 to 64 letters, digits, spaces, dots and dashes')
    if (!isMapping(given)) {
      source.problem(at, 'expected a mapping of file and category')
      return []
    }
    const fields = readFields(auditFileFields, given, { source, path: at })
    if (!fields) return []
    const file = resolve(dirname(source.file), fields.file)
    try {
      if (readFile(file).length > CHARS_MAX)
        source.problem([...at, 'file'], `${file}: expected at most ${CHARS_MAX} characters`)
    } catch (error) {
      const code = error instanceof Error && 'code' in error ? String(error.code) : 'unknown error'
      source.problem([...at, 'file'], `cannot read ${file} (${code})`)
    }
    return [{ name, path: file, category: fields.category }]
  })
  return files.length === 0 ? {} : { auditFiles: files }
}
