/** Amounts as people read them. */

export function durationText(ms: number): string {
  const seconds = Math.max(0, Math.round(ms / 1000))
  if (seconds < 60) return `${seconds} s`
  const minutes = Math.floor(seconds / 60)
  if (minutes < 60) return `${minutes} min ${seconds % 60} s`
  return `${Math.floor(minutes / 60)} h ${minutes % 60} min`
}

const UNITS = ['B', 'KiB', 'MiB', 'GiB', 'TiB'] as const

export function byteSize(bytes: number): string {
  let amount = bytes
  let at = 0
  while (amount >= 1024 && at < UNITS.length - 1) {
    amount /= 1024
    at += 1
  }
  return `${at === 0 ? amount : amount.toFixed(1)} ${UNITS[at] ?? ''}`
}

/** `2026-11-21T09:30:00.000Z` as `2026-11-21 09:30`, in UTC as all times of the system. */
export function shortTime(iso: string | null | undefined): string {
  return iso ? iso.slice(0, 16).replace('T', ' ') : ''
}

export function count(amount: number, one: string, many = `${one}s`): string {
  return `${amount} ${amount === 1 ? one : many}`
}
