/** Reads the `adopt` mapping of a scanner: which of its runs are taken in by schedule. */
import type { ScannerEntry } from '../entry.ts'
import { adoptFields, readFields } from './fields.ts'
import type { Path, Source } from './source.ts'

export function readAdopt(
  value: Record<string, unknown>,
  context: { readonly source: Source; readonly path: Path },
): ScannerEntry['adopt'] {
  const fields = readFields(adoptFields, value, context)
  if (!fields) return undefined
  const { every, folder, name, since, partial, limit } = fields
  if (folder === undefined && name === undefined && !fields.all) {
    context.source.problem(context.path, 'expected folder, name, or all: true for every scan of the scanner')
  }
  return {
    everyMs: every,
    partial,
    limit,
    ...(folder !== undefined && { folder }),
    ...(name !== undefined && { name }),
    ...(since !== undefined && { since }),
  }
}
