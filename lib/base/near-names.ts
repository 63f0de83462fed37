/** Finds the names someone may have meant. */
const NAMES_MAX = 3

/** Up to three of `names` that are close to `written`, the closest first. */
export function nearNames(written: string, names: Iterable<string>): string[] {
  const wanted = written.toLowerCase().slice(0, 100)
  const limit = Math.max(2, Math.floor(wanted.length / 3))
  return [...names]
    .map((name) => ({ name, distance: closeness(wanted, name.toLowerCase()) }))
    .filter(({ distance }) => distance <= limit)
    .sort((a, b) => a.distance - b.distance || (a.name < b.name ? -1 : 1))
    .slice(0, NAMES_MAX)
    .map(({ name }) => name)
}

/** `; did you mean a or b?`, or nothing: for the end of a sentence. */
export function didYouMean(written: string, names: Iterable<string>): string {
  const near = nearNames(written, names)
  return near.length === 0 ? '' : `; did you mean ${near.join(' or ')}?`
}

/** ` (did you mean a or b?)`, or nothing: for the middle of a sentence. */
export function meantPerhaps(written: string, names: Iterable<string>): string {
  const near = nearNames(written, names)
  return near.length === 0 ? '' : ` (did you mean ${near.join(' or ')}?)`
}

/** Edits between the two; a word that is part of the other is close too (`cvss` in `cvss_score`). */
function closeness(a: string, b: string): number {
  if (a.length >= 3 && (b.includes(a) || a.includes(b))) return 1 + Math.abs(a.length - b.length) / 100
  let above = Array.from({ length: b.length + 1 }, (_, i) => i)
  for (let i = 1; i <= a.length; i++) {
    const row = [i]
    for (let j = 1; j <= b.length; j++) {
      const swap = (above[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1)
      row.push(Math.min(swap, (above[j] ?? 0) + 1, (row[j - 1] ?? 0) + 1))
    }
    above = row
  }
  return above[b.length] ?? 0
}
