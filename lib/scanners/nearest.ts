/** The names nearest to what somebody typed, for errors that help: at most three, best first, none that is far off. */
export function nearest(typed: string, known: readonly string[]): string[] {
  const text = typed.toLowerCase()
  const reach = Math.max(2, Math.floor(text.length / 3))
  return known
    .map((name) => ({ name, distance: name.toLowerCase().includes(text) ? 1 : distance(text, name.toLowerCase()) }))
    .filter((candidate) => candidate.distance <= reach)
    .toSorted((a, b) => a.distance - b.distance)
    .slice(0, 3)
    .map((candidate) => candidate.name)
}

/** `; did you mean a, b?`, or nothing. */
export function didYouMean(typed: string, known: readonly string[]): string {
  const names = nearest(typed, known)
  return names.length === 0 ? '' : `; did you mean ${names.join(' or ')}?`
}

/** Levenshtein's: how many letters to insert, drop or change. */
function distance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, at) => at)
  for (let i = 0; i < a.length; i += 1) {
    const next = [i + 1]
    for (let j = 0; j < b.length; j += 1) {
      const change = (row[j] ?? 0) + (a[i] === b[j] ? 0 : 1)
      next.push(Math.min(change, (row[j + 1] ?? 0) + 1, (next[j] ?? 0) + 1))
    }
    row = next
  }
  return row[b.length] ?? 0
}
