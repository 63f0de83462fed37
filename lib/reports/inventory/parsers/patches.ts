/** The scan's own patch report: plugin 66334, and the `patch-summary-…` properties of a host. */
import type { InventoryRow, Told } from '../kinds.ts'
import { eachLine, makeRows } from './lines.ts'

const CVES_MAX = 1000
const PROPERTIES_MAX = 1000
/** As long as a value may be: makeRows. */
const LABEL_CHARS_MAX = 250
const TITLE = /^\[ (.*) \((\d{1,10})\) \]$/

/**
 *   - KB4011574 (MS18-01) (5 vulnerabilities)
 *   [ Adobe Flash Player <= 30.0.0.154 (APSB18-31) (117410) ]
 *   + Action to take : Upgrade to Adobe Flash Player version 31.0.0.108 or later.
 */
export function readPatchReport(output: string): Told {
  const rows = makeRows('patches')
  let plugin: string | undefined
  let action: string[] | undefined
  const close = (): void => {
    if (action) rows.add('patch', { patch: action.join(' '), for_plugin: plugin })
    action = undefined
  }
  const whole = eachLine(output, (line) => {
    const text = line.trim()
    const start = /^\+ ?Action to take *:/.exec(text)?.[0]
    if (start !== undefined) {
      close()
      action = [text.slice(start.length).trim()]
    } else if (text === '' || text.startsWith('+')) close()
    else if (action) action.push(text)
    else if (/^- KB\d{4,9}\b/.test(text)) rows.add('patch', { patch: `Install ${text.slice(2).split(' ', 1)[0]}` })
    else plugin = TITLE.exec(text)?.[2] ?? plugin
  })
  close()
  return rows.done(whole)
}

/** What one property says to do, and what that resolves. */
interface Property {
  readonly text: string
  readonly cves: readonly string[]
}

/** Collects the properties of one host: `-txt-` says what to do, `-cves-` what that resolves. */
export function makePatchSummary() {
  const texts = new Map<string, string>()
  const cves = new Map<string, string>()
  return {
    property(name: string, value: string): void {
      const [, part, key] = /^patch-summary-(txt|cves)-([0-9a-f]{1,64})$/i.exec(name.slice(0, 100)) ?? []
      const into = part?.toLowerCase() === 'txt' ? texts : cves
      if (key !== undefined && into.size < PROPERTIES_MAX && !into.has(key)) into.set(key, value)
    },
    rows(): Property[] {
      return [...texts].map(([key, text]) => ({
        text: text.slice(0, 10_000).replaceAll(/\s+/g, ' ').trim(),
        cves: [...new Set((cves.get(key) ?? '').slice(0, CVES_MAX * 20).match(/CVE-\d{4}-\d{4,7}/g))].slice(
          0,
          CVES_MAX,
        ),
      }))
    },
  }
}

/** The rows of the report, each with the CVEs that the property of the same text names; properties that no row repeats are rows too. */
export function joinPatches(
  rows: readonly InventoryRow[],
  summary: ReturnType<typeof makePatchSummary>,
): InventoryRow[] {
  const left = new Set(summary.rows())
  // By every text that a row may have: the whole, and what stands behind a title. Longer ones are no row's.
  const byText = new Map<string, Property[]>()
  for (const property of left) {
    const { text } = property
    const ends = [0]
    for (
      let at = text.indexOf(': ', Math.max(0, text.length - LABEL_CHARS_MAX));
      at >= 0;
      at = text.indexOf(': ', at + 1)
    )
      ends.push(at + 2)
    for (const end of new Set(ends)) {
      const known = byText.get(text.slice(end))
      if (known) known.push(property)
      else byText.set(text.slice(end), [property])
    }
  }
  const joined = rows.map((row, at): InventoryRow => {
    if (at >= PROPERTIES_MAX) return row
    const patch = row.fields.find(([name]) => name === 'patch')?.[1] ?? ''
    const some = byText.get(patch) ?? []
    let same = some.shift()
    while (same && !left.has(same)) same = some.shift()
    if (!same) return row
    left.delete(same)
    return withCves(row, same)
  })
  const alone = [...left].flatMap(({ text, cves }): InventoryRow[] => {
    const made = makeRows('patches')
    // The title of a plugin stands in front of what is to be done.
    made.add('patch', { patch: text.slice(text.indexOf(': ') + 1) })
    return made.done().rows.map((row) => withCves(row, { cves }))
  })
  return [...joined, ...alone]
}

const withCves = (row: InventoryRow, { cves }: Pick<Property, 'cves'>): InventoryRow => ({
  ...row,
  fields: [...row.fields, ...cves.map((cve) => ['resolves', cve] as const)],
})
