import { taskIdsWithin } from '../../facts/task-id.ts'

/** What differs from scan to scan and says nothing of what went wrong. Scanners and statuses stay: they tell causes apart. */
const PARTICULARS: readonly (readonly [RegExp, string])[] = [
  [taskIdsWithin(), 'ns_…'],
  [/\b[0-9a-f]{8}(?:-?[0-9a-f]{4,}){2,}\b/gi, '…'],
  [/\b(scan|export|file|run|history_id) \d+/g, '$1 N'],
  [/\b\d+(?= ?(?:ms|s|seconds|min|minutes|bytes|%)(?:\W|$))/g, 'N'],
  [/\b\d{5,}\b/g, 'N'],
]

/** An error by which letters of one cause are counted together. */
export function withoutParticulars(error: string): string {
  return PARTICULARS.reduce((text, [pattern, instead]) => text.replace(pattern, instead), error)
}
