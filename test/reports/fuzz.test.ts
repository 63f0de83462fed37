/**
 * Goal: no input crashes, hangs or is believed wrongly. Method: reports and
 * filters are mutated from a seed. A mutated report either builds a store that
 * agrees with itself, or is refused with a PermanentError; a mutated filter
 * either answers or is refused. `FUZZ_INPUTS=100000` runs the long form.
 */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { PermanentError, Refusal } from '../../lib/base/errors.ts'
import { buildStore } from '../../lib/reports/build.ts'
import type { ReportFacts } from '../../lib/reports/judge/report-facts.ts'
import { openStore } from '../../lib/reports/store/store-reader.ts'
import { generateReport } from './support/generated-report.ts'
import { makeRandom, type Random } from './support/random.ts'
import { hasShared, openWorkshop, SHARED } from './support/workshop.ts'
import { findingLines } from './support/written-report.ts'

const inputs = Number(process.env['FUZZ_INPUTS'] ?? 600)
const TIMEOUT_MS = 60_000 + inputs * 40
const PIECES = [
  '<',
  '>',
  '&',
  '"',
  '\0',
  '\ufffe',
  ']]>',
  '<!--',
  '<![CDATA[',
  '<!DOCTYPE a [',
  '<?x',
  '&#0;',
  '&#x110000;',
]
const MORE = [
  '</ReportItem>',
  '</ReportHost>',
  '<ReportItem severity="1" pluginID="1">',
  'severity="-1"',
  '\xff',
  '&lt;',
]

function mutate(content: Buffer, random: Random): Buffer {
  let bytes = Buffer.from(content)
  for (let count = 1 + random.below(3); count > 0; count--) {
    const at = random.below(bytes.length + 1)
    const to = Math.min(bytes.length, at + random.below(200))
    switch (random.below(5)) {
      case 0:
        bytes = Buffer.concat([
          bytes.subarray(0, at),
          Buffer.from(random.pick([...PIECES, ...MORE])),
          bytes.subarray(at),
        ])
        break
      case 1:
        bytes = Buffer.concat([bytes.subarray(0, at), bytes.subarray(to)])
        break
      case 2:
        bytes = Buffer.concat([bytes.subarray(0, to), bytes.subarray(at)])
        break
      case 3:
        bytes = bytes.subarray(0, at)
        break
      default:
        if (at < bytes.length) bytes.writeUInt8(random.below(256), at)
    }
  }
  return bytes
}

/** The report part of a real file: its policy would only slow the fuzzing down. */
function realReports(): Buffer[] {
  if (!hasShared) return []
  return ['minimal.nessus', 'defectdojo-was.nessus', 'defectdojo-was-no-findings.nessus'].map((name) =>
    readFileSync(join(SHARED, name)),
  )
}

const itemsWritten = (content: Buffer): number => content.toString('latin1').split('<ReportItem').length - 1

test(
  'a mutated report is refused, or agrees with itself',
  async () => {
    await using workshop = await openWorkshop()
    const storePath = join(workshop.dataDir, 'findings.store')
    const seeds = realReports()
    const outcome = { built: 0, refused: 0 }
    const wrong: string[] = []
    for (let seed = 0; seed < inputs; seed++) {
      const random = makeRandom(seed)
      const source =
        random.chance(0.3) && seeds.length > 0 ? random.pick(seeds) : Buffer.from(generateReport(random).xml)
      const content = mutate(source, random)
      const built = await buildStore({ storePath, chunks: [content], expectation: {} }).catch((error: unknown) => error)
      const complaint =
        built instanceof Error ? badRefusal(built) : await disagreement(built as ReportFacts, storePath, content)
      if (complaint !== undefined) wrong.push(`seed ${seed}: ${complaint}`)
      if (built instanceof Error) outcome.refused++
      else outcome.built++
    }
    expect(wrong).toEqual([])
    expect(outcome.refused).toBeGreaterThan(0)
    expect(outcome.built).toBeGreaterThan(0)
  },
  TIMEOUT_MS,
)

function badRefusal(error: Error): string | undefined {
  const placed = /^line \d+, column \d+: ./.test(error.message)
  return error instanceof PermanentError && placed ? undefined : String(error.stack)
}

/** What a store says against itself or its report: more findings than were written, or counts that do not add up. */
async function disagreement(facts: ReportFacts, storePath: string, content: Buffer): Promise<string | undefined> {
  const { count } = await openStore(storePath)
  const { critical, high, medium, low, info } = facts.severity_breakdown
  const counted = critical + high + medium + low + info + facts.compliance.total
  if (counted !== count) return `${counted} counted, ${count} stored`
  return count > itemsWritten(content) ? `${count} stored, ${itemsWritten(content)} written` : undefined
}

const FIELDS = [
  'severity',
  'host',
  'plugin_output',
  'cve',
  'port',
  'cvss3_base_score',
  'id',
  'exploit_available',
  '__proto__',
]
const VALUES = [
  '>=',
  '<',
  '',
  '*',
  'Critical',
  '>=3',
  '2025-05-22',
  '(((',
  '\\',
  '%',
  '\0',
  '>=1e999',
  '-',
  'x'.repeat(2000),
]

function anyValue(random: Random, depth: number): unknown {
  switch (random.below(depth > 2 ? 5 : 7)) {
    case 0:
      return random.pick(VALUES)
    case 1:
      return random.pick([0, -1, 4, 7.5, 1e308, Number.NaN])
    case 2:
      return random.chance(0.5)
    case 3:
      return null
    case 4:
      return random.pick(['10.0.0.1', 'ssh', 'CVE-2021-44228', '>7', '443'])
    case 5:
      return Array.from({ length: random.below(4) }, () => anyValue(random, depth + 1))
    default:
      return { [random.pick(FIELDS)]: anyValue(random, depth + 1) }
  }
}

test(
  'a mutated question is refused, or answered with findings that are there',
  async () => {
    await using workshop = await openWorkshop()
    const { xml, findings } = generateReport(makeRandom(11))
    const taskId = await workshop.put(xml)
    const wrong: string[] = []
    for (let seed = 0; seed < inputs; seed++) {
      const random = makeRandom(seed)
      const filters = Object.fromEntries([[random.pick(FIELDS), anyValue(random, 0)]])
      const query = {
        page: random.pick([0, 1]),
        filters,
        ...(random.chance(0.3) ? { sort: anyValue(random, 0) } : {}),
        ...(random.chance(0.3) ? { maxChars: 1000 + random.below(50_000) } : {}),
      }
      const answer = await workshop.reports.query(taskId, query).catch((error: unknown) => error)
      const refused = answer instanceof Refusal
      const text = (answer as { text?: string }).text
      const believable = text !== undefined && findingLines(text).length <= findings.length
      if (!refused && !believable) wrong.push(`seed ${seed}, ${JSON.stringify(query)}: ${String(answer)}`)
    }
    expect(wrong).toEqual([])
  },
  TIMEOUT_MS,
)
