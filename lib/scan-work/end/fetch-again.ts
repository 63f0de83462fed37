/** A report that cannot be read is asked for again: it may be the way it came, and not the report. */
import { PermanentError } from '../../base/errors.ts'
import type { Outcome } from '../../runtime/outcome.ts'
import { update } from '../../scans/change.ts'
import type { Scan } from '../../scans/record.ts'
import * as v from 'valibot'

/** A report that was unreadable so often is not readable: a person has to look. */
export const EXPORTS_MAX = 3
const FIRST_PAUSE_MS = 5000
const PAUSE_FACTOR = 6

export const fetchAgainEmits = { 'scan.finished': v.object({}) } as const

/** Sends the scan back to its export. Throws `error`, with how often that was tried, when it was enough; and any error that another export cannot mend. */
export function fetchAgain(scan: Scan, error: unknown, now: Date): Outcome<typeof fetchAgainEmits> {
  if (!(error instanceof PermanentError)) throw error
  const { count: before = 0, since = now.toISOString() } = scan.unreadable_exports ?? {}
  const count = before + 1
  if (count >= EXPORTS_MAX) {
    throw new PermanentError(`${error.message} (exported ${count} times, and unreadable each time)`, { cause: error })
  }
  const unreadable_exports = { count, since, message: error.message }
  return {
    scans: [update(scan, { step: 'exporting', unreadable_exports })],
    emit: [{ type: 'scan.finished', data: {}, afterMs: FIRST_PAUSE_MS * PAUSE_FACTOR ** before }],
  }
}
