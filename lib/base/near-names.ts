const SUGGESTIONS_MAX = 3

/** ` (did you mean X?)` with the known names nearest to a mistyped one, or an empty text when none is near. */
export function nearNames(name: string, known: readonly string[]): string {
  const lower = name.toLowerCase()
  const near = known
    .map((each) => ({ each, distance: editDistance(lower, each.toLowerCase()) }))
    .filter(({ each, distance }) => distance <= Math.max(2, each.length / 3) || each.includes(lower))
    .sort((a, b) => a.distance - b.distance)
    .slice(0, SUGGESTIONS_MAX)
    .map(({ each }) => each)
  return near.length === 0 ? '' : ` (did you mean ${near.join(' or ')}?)`
}

/** Levenshtein distance: insertions, deletions and replacements that turn `a` into `b`. */
function editDistance(a: string, b: string): number {
  let previous = Array.from({ length: b.length + 1 }, (_, j) => j)
  for (let i = 1; i <= a.length; i++) {
    const row = [i]
    for (let j = 1; j <= b.length; j++) {
      const replaced = previous[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1)
      row.push(Math.min(replaced, previous[j]! + 1, row[j - 1]! + 1))
    }
    previous = row
  }
  return previous[b.length]!
}
