/** A scanner's time, seconds since 1970, as text; `null` for what is no time: 0 stands for never, and a number may be any. */
export function scannerTime(seconds: number | undefined): string | null {
  if (seconds === undefined || seconds <= 0) return null
  const at = new Date(seconds * 1000)
  return Number.isNaN(at.getTime()) ? null : at.toISOString()
}
