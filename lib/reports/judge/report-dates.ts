/** Compares the dates that reports give. Some are in UTC, most in the scanner's local time, which nobody tells. */

/** What two clocks of unknown zones may differ by. */
const ZONES_MS = 26 * 60 * 60 * 1000
const ZONED = /(?:Z|[+-]\d{2}:?\d{2})$/
export const isZoned = (date: string): boolean => ZONED.test(date)

/** Whether `date` is surely before `other`; unknown dates are before nothing. */
export function surelyBefore(date: string | null | undefined, other: string | null | undefined): boolean {
  const [a, b] = [momentOf(date), momentOf(other)]
  if (a === undefined || b === undefined) return false
  const slack = ZONED.test(date ?? '') === ZONED.test(other ?? '') ? 0 : ZONES_MS
  return b - a > slack
}

/** Milliseconds since 1970, a local time read as if it were UTC. */
export function momentOf(date: string | null | undefined): number | undefined {
  if (!date) return undefined
  const ms = Date.parse(ZONED.test(date) || !date.includes('T') ? date : `${date}Z`)
  return Number.isNaN(ms) ? undefined : ms
}
