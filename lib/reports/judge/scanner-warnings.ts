/** What the scanner said of a run, and what its licence may have left out of it: told in front of what the report shows. */
import type { Expectation } from './report-facts.ts'

export function scannerWarnings(expectation: Expectation, hostsSeen: number): string[] {
  return [...noteWarnings(expectation), ...licenceWarnings(expectation, hostsSeen)]
}

export function noteWarnings({ scannerNotes: notes }: Pick<Expectation, 'scannerNotes'>): string[] {
  if (!notes) return []
  const more = notes.count - notes.said.length
  const rest = more > 0 ? ` And ${more} more, at the scanner.` : ''
  const many = notes.count === 1 ? 'one note' : `${notes.count} notes`
  return [`The scanner has ${many} on this scan: ${notes.said.map((note) => `"${note}"`).join('; ')}.${rest}`]
}

/** A scanner leaves hosts beyond its licence out without a word in the report; where as many are in it as are covered, some may be missing. */
function licenceWarnings({ licence, targets }: Expectation, hostsSeen: number): string[] {
  if (!licence || !targets || targets.count <= licence.hosts) return []
  const free = Math.max(0, licence.hosts - (licence.used ?? 0))
  if (hostsSeen < free) return []
  const used =
    licence.used === undefined ? 'how many of them were used up is not told' : `${licence.used} used up before`
  return [
    `${targets.count} addresses were asked for, and the licence of the scanner covers ${licence.hosts} hosts (${used}): the report has ${hostsSeen}, and others may have been left out.`,
  ]
}
