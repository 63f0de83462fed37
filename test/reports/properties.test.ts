/**
 * Goal: what holds for every report and every question. Method: reports and
 * filters are generated from a seed, and answers are held against a naive
 * evaluation over what was generated. A failure names its seed.
 */
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { labelled } from './support/labelled.ts'
import { buildStore } from '../../lib/reports/build.ts'
import { generateReport, type Finding } from './support/generated-report.ts'
import { generateFilters } from './support/naive-filter.ts'
import { makeRandom, type Random } from './support/random.ts'
import { openWorkshop } from './support/workshop.ts'
import { findingLines, schemaLine } from './support/written-report.ts'

const REPORTS = 40
const FILTERS_PER_REPORT = 30
const FIELDS = `host port svc_name severity plugin_id plugin_name plugin_family os description plugin_output
  cvss3_base_score cvss_base_score cvss_score cvss_version vpr_score exploit_available cisa_known_exploited cve`.split(
  /\s+/,
)

const plain = (finding: Finding): string =>
  JSON.stringify(
    Object.entries(finding)
      .filter(([name]) => name !== 'type')
      .sort(([a], [b]) => (a < b ? -1 : 1)),
  )

function inPieces(content: Buffer, random: Random): Buffer[] {
  const pieces: Buffer[] = []
  const longest = 1 + random.below(random.chance(0.5) ? 5 : 3000)
  for (let from = 0; from < content.length;) {
    const to = from + 1 + random.below(longest)
    pieces.push(content.subarray(from, to))
    from = to
  }
  return pieces
}

test('any filter finds what a naive evaluation finds', async () => {
  await using workshop = await openWorkshop()
  for (let seed = 0; seed < REPORTS; seed++) {
    const random = makeRandom(seed)
    const { xml, findings } = generateReport(random)
    const taskId = await workshop.put(xml)
    const known = findings.some((finding) => 'x_unknown' in finding)
    const customFields = known ? [...FIELDS, 'x_unknown'] : FIELDS
    for (let question = 0; question < FILTERS_PER_REPORT; question++) {
      const { filters, test: matches } = generateFilters(random)
      if (!known && 'x_unknown' in filters) continue
      const answer = await workshop.reports.query(taskId, { page: 0, customFields, filters })
      const expected = findings.filter(matches)
      const where = `seed ${seed}, filters ${JSON.stringify(filters)}`
      labelled(where, () => expect(findingLines(answer.text).map(plain).sort()).toEqual(expected.map(plain).sort()))
      labelled(where, () => expect(answer.total_vulnerabilities + answer.total_informational).toBe(expected.length))
      const informational = expected.filter(({ severity }) => severity === 0).length
      labelled(where, () =>
        expect(schemaLine(answer.text)).toMatchObject({
          total_vulnerabilities: expected.length - informational,
          total_informational: informational,
        }),
      )
    }
  }
})

test('any chunking of the input gives the same store, byte for byte', async () => {
  await using workshop = await openWorkshop()
  for (let seed = 100; seed < 100 + REPORTS; seed++) {
    const random = makeRandom(seed)
    const content = Buffer.from(generateReport(random).xml)
    const stores: Buffer[] = []
    for (const chunks of [[content], inPieces(content, random), inPieces(content, random)]) {
      const storePath = join(workshop.dataDir, `store-${stores.length}`)
      await buildStore({ storePath, chunks, expectation: {} })
      stores.push(await readFile(storePath))
    }
    labelled(`seed ${seed}`, () => expect(stores[1]?.equals(stores[0] ?? Buffer.alloc(0))).toBe(true))
    labelled(`seed ${seed}`, () => expect(stores[2]?.equals(stores[0] ?? Buffer.alloc(0))).toBe(true))
  }
})

test('pages put together are page 0, in any order', async () => {
  await using workshop = await openWorkshop()
  for (let seed = 200; seed < 200 + REPORTS; seed++) {
    const random = makeRandom(seed)
    const taskId = await workshop.put(generateReport(random).xml)
    const sort = random.pick(['', 'severity', '-port', ['vpr_score', 'host'], ['plugin_name:desc', '+cvss_score']])
    const query = { profile: 'full', ...(sort === '' ? {} : { sort }) }
    const whole = await workshop.reports.query(taskId, { ...query, page: 0 })
    const pages: unknown[] = []
    for (let page = 1, more = true; more; page++) {
      const answer = await workshop.reports.query(taskId, { ...query, page, pageSize: 10, maxChars: 4_000_000 })
      pages.push(...findingLines(answer.text))
      more = answer.has_next
    }
    labelled(`seed ${seed}`, () => expect(pages).toEqual(findingLines(whole.text)))
  }
})

test('a sort orders by its keys, absent last, and keeps the default order among equals', async () => {
  await using workshop = await openWorkshop()
  for (let seed = 300; seed < 300 + REPORTS; seed++) {
    const taskId = await workshop.put(generateReport(makeRandom(seed)).xml)
    const ids = { page: 0, customFields: ['id', 'cvss_score', 'port'] }
    const unsorted = findingLines((await workshop.reports.query(taskId, ids)).text)
    const sorted = findingLines((await workshop.reports.query(taskId, { ...ids, sort: ['cvss_score', 'port'] })).text)
    const score = (line: Finding): number => (line['cvss_score'] as number | undefined) ?? -1
    const expected = unsorted.toSorted((a, b) => score(b) - score(a) || (a['port'] as number) - (b['port'] as number))
    labelled(`seed ${seed}`, () => expect(sorted).toEqual(expected))
  }
})

test('ids are unique, and the same after another parse', async () => {
  await using workshop = await openWorkshop()
  for (let seed = 400; seed < 400 + REPORTS; seed++) {
    const { xml } = generateReport(makeRandom(seed))
    const read = async (taskId: string): Promise<unknown[]> =>
      findingLines((await workshop.reports.query(taskId, { page: 0, customFields: ['id'] })).text).map(
        (line) => line['id'],
      )
    const ids = await read(await workshop.put(xml))
    labelled(`seed ${seed}`, () => expect(new Set(ids).size).toBe(ids.length))
    const again = await read(await workshop.put(xml))
    labelled(`seed ${seed}`, () => expect(again).toEqual(ids))
  }
})

test('no answer is longer than max_chars, and what was cut is read whole by its id', async () => {
  await using workshop = await openWorkshop()
  for (let seed = 500; seed < 500 + REPORTS; seed++) {
    const random = makeRandom(seed)
    const taskId = await workshop.put(generateReport(random).xml)
    const maxChars = 8000 + random.below(20_000)
    const { text } = await workshop.reports.query(taskId, { profile: 'full', pageSize: 40, maxChars })
    labelled(`seed ${seed}`, () => expect(text.length).toBeLessThanOrEqual(maxChars))
    const cut = findingLines(text).find((line) =>
      (line['truncated'] as string[] | undefined)?.includes('plugin_output'),
    )
    if (!cut) continue
    const query = { customFields: ['plugin_output'], filters: { id: cut['id'] } }
    const lines = findingLines((await workshop.reports.query(taskId, query)).text)
    const whole = String(lines[0]?.['plugin_output'])
    expect(lines).toHaveLength(1)
    expect(whole.startsWith(String(cut['plugin_output']).slice(0, -1))).toBe(true)
    expect(whole.length).toBeGreaterThan(String(cut['plugin_output']).length)
  }
})
