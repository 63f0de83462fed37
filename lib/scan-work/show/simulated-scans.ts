/** What is said first where the answer is about scans of a simulated scanner. */
import * as v from 'valibot'
import { withSimulatedFirst } from '../../reports/judge/simulated.ts'
import type { Scan } from '../../scans/record.ts'

/** Of an answer's schema: absent where nothing is to be warned of. */
export const simulatedEntries = { warnings: v.optional(v.array(v.string())) }

const NAMED_MAX = 10

export function isSimulated(scan: Pick<Scan, 'made_there'>): boolean {
  return scan.made_there?.simulated === true
}

/** The `warnings` of an answer that rests on these scans; nothing when none of them is simulated. */
export function simulatedFirst(scans: readonly Pick<Scan, 'task_id' | 'made_there'>[]): { warnings?: string[] } {
  const made = scans.filter(isSimulated)
  if (made.length === 0) return {}
  const named = made.slice(0, NAMED_MAX).map((scan) => scan.task_id)
  const more = made.length > named.length ? ` and ${made.length - named.length} more` : ''
  const which = `That is true of ${made.length} of the ${scans.length} scans asked: ${named.join(', ')}${more}.`
  return { warnings: withSimulatedFirst(true, made.length === scans.length ? [] : [which]) }
}
