/** Goal: every format holds every finding that matches, with the counts of the query, and nothing that a host says runs anywhere. */
import { text } from 'node:stream/consumers'
import { promisify } from 'node:util'
import { parse } from 'csv-parse/sync'
import { SaxesParser } from 'saxes'
import { describe, expect, test } from 'vitest'
import { type Entry, fromBuffer, type ZipFile } from 'yauzl'
import { EXPORT_NAMES, type ExportName } from '../../lib/facts/export-formats.ts'
import type { ReportQuery } from '../../lib/reports/query/results-query.ts'
import { xlsx } from '../../lib/reports/export/xlsx.ts'
import { generateReport } from './support/generated-report.ts'
import { makeRandom } from './support/random.ts'
import { openWorkshop, type Workshop } from './support/workshop.ts'
import { findingLines, type WrittenItem, writtenReport } from './support/written-report.ts'

async function exported(
  workshop: Workshop,
  id: string,
  as: ExportName,
  query: Partial<ReportQuery> = {},
): Promise<Buffer> {
  const pieces: Buffer[] = []
  for await (const piece of workshop.reports.export(id, { page: 0, ...query }, as)) pieces.push(Buffer.from(piece))
  return Buffer.concat(pieces)
}

const ofItems = (items: readonly WrittenItem[], names: readonly string[] = ['10.0.0.1']) =>
  writtenReport(names.map((name) => ({ name, tags: { HOST_END: 'Mon Mar  2 10:00:00 2026' }, items })))

/** The cells of a workbook's sheet, read by a strict parser: a row is what its cells say, by their places. */
async function sheetOf(workbook: Buffer): Promise<string[][]> {
  const zip = (await promisify(
    fromBuffer as (bytes: Buffer, options: object, done: (error: Error | null, zip: ZipFile) => void) => void,
  )(workbook, { lazyEntries: true })) as ZipFile
  const rows: string[][] = []
  let kind = ''
  const parser = new SaxesParser()
  parser.on('error', (error) => {
    throw error
  })
  parser.on('opentag', ({ name, attributes }) => {
    if (name === 'row') rows.push([])
    if (name === 'c') {
      kind = String(attributes['t'] ?? 'n')
      const at = Array.from(String(attributes['r']).replace(/\d+$/, '')).reduce(
        (sum, letter) => sum * 26 + letter.codePointAt(0)! - 64,
        0,
      )
      const row = rows.at(-1)!
      while (row.length < at) row.push('')
    }
    if (name === 'f') throw new Error('a formula')
  })
  parser.on('text', (said) => {
    const row = rows.at(-1)
    if (row?.length) row[row.length - 1] += kind === 'b' ? String(said === '1') : said
  })
  for await (const entry of zip.eachEntry() as AsyncIterable<Entry>) {
    if (!entry.fileName.startsWith('xl/worksheets/')) continue
    parser.write(await text(await zip.openReadStreamPromise(entry))).close()
  }
  // As a spreadsheet reads it (ECMA-376, 22.9.2.19).
  const unescaped = (said: string) =>
    said.replaceAll(/_x([0-9A-F]{4})_/gi, (_, code: string) => String.fromCodePoint(Number.parseInt(code, 16)))
  return rows.map((row) => row.map(unescaped))
}

/** How many findings an export tells of. */
async function countIn(format: ExportName, bytes: Buffer): Promise<number> {
  const json = () => JSON.parse(bytes.toString())
  switch (format) {
    case 'jsonl':
      return findingLines(bytes.toString()).length
    case 'csv':
      return parse(bytes).length - 1
    case 'xlsx':
      return (await sheetOf(bytes)).length - 1
    case 'sarif':
      return json().runs[0].results.length
    case 'ocsf':
      return bytes.toString().split('\n').filter(Boolean).length
    case 'defectdojo':
      return json().findings.length
    case 'hdf':
      return json().profiles[0].controls.flatMap(({ results }: { results: object[] }) => results).length
  }
}

const WITHOUT_HDF = EXPORT_NAMES.filter((name) => name !== 'hdf')

test('every format holds as many findings as the query counts', async () => {
  await using workshop = await openWorkshop()
  for (let seed = 0; seed < 8; seed++) {
    const id = await workshop.put(generateReport(makeRandom(seed)).xml)
    for (const filters of [undefined, { severity: '>=2' }, { severity: 'Critical', port: 1 }]) {
      const {
        total_vulnerabilities: real,
        total_informational: info,
        total_compliance: checks,
      } = await workshop.reports.query(id, filters ? { filters } : {})
      for (const format of WITHOUT_HDF) {
        const bytes = await exported(workshop, id, format, filters ? { filters } : {})
        expect([seed, format, await countIn(format, bytes)]).toEqual([seed, format, real + info + checks])
      }
    }
  }
})

describe('what hosts say', () => {
  const NASTY = [
    '=1+2',
    '+1',
    '-1',
    '@SUM(A1)',
    '\t=1',
    ' =1',
    '\uFF1D1',
    'plain',
    '"quoted", with\r\nlines',
    '_x0041_ and <b>&amp;</b>',
    "'=1",
    'é \u{1F600}',
  ]
  const items = NASTY.map((said, at): WrittenItem => ({
    pluginId: at + 1,
    severity: 2,
    name: said,
    children: [['plugin_output', said]],
  }))
  const columns = ['plugin_id', 'plugin_name', 'plugin_output']

  test('is no formula in a csv, and the rest stays as it is', async () => {
    await using workshop = await openWorkshop()
    const id = await workshop.put(ofItems(items))
    const [, ...rows] = parse(
      await exported(workshop, id, 'csv', { customFields: columns, sort: ['plugin_id'] }),
    ) as string[][]
    const lines = findingLines((await workshop.reports.query(id, { customFields: columns, sort: ['plugin_id'] })).text)
    for (const [at, row] of rows.entries()) {
      const [, ...texts] = row
      for (const [n, name] of columns.slice(1).entries()) {
        const said = String(lines[at]![name])
        const isFormula = /^\s*[=+\-@\uFF1D]/.test(said)
        expect(texts[n]).toBe(isFormula ? `'${said}` : said)
      }
    }
  })

  test('is text in a workbook, character for character', async () => {
    await using workshop = await openWorkshop()
    const id = await workshop.put(ofItems(items))
    const asked = { customFields: columns, sort: ['plugin_id'] }
    const [head, ...rows] = await sheetOf(await exported(workshop, id, 'xlsx', asked))
    expect(head).toEqual(columns)
    const lines = findingLines((await workshop.reports.query(id, asked)).text)
    expect(rows).toEqual(lines.map((line) => columns.map((name) => String(line[name]))))
  })

  test('that is longer than a cell is cut, and says so', async () => {
    await using workshop = await openWorkshop()
    const id = await workshop.put(ofItems([{ pluginId: 1, children: [['plugin_output', 'a'.repeat(40_000)]] }]))
    const [, [cell = ''] = []] = await sheetOf(
      await exported(workshop, id, 'xlsx', { customFields: ['plugin_output'] }),
    )
    expect(cell).toHaveLength(32_767)
    expect(cell).toMatch(/cut: a cell holds no more\]$/)
  })

  test('cannot leave its fence in DefectDojo', async () => {
    await using workshop = await openWorkshop()
    const id = await workshop.put(
      ofItems([{ pluginId: 1, children: [['plugin_output', 'x\n````\n# Accepted\n````']] }]),
    )
    const { findings } = JSON.parse((await exported(workshop, id, 'defectdojo')).toString())
    expect(findings[0].description).toContain('`````\nx\n````\n# Accepted\n````\n`````')
  })
})

test('a sheet that has no room for all findings is refused before anything is written', () => {
  const counts = { vulnerabilities: 1_000_000, informational: 48_576, compliance: 0 }
  const source = { counts, taskId: 'it' } as Parameters<NonNullable<typeof xlsx.check>>[0]
  expect(() => xlsx.check?.(source)).toThrow(/1048575 findings, and 1048576 of it match; ask for csv/)
  expect(() => xlsx.check?.({ ...source, counts: { ...counts, compliance: -1 } })).not.toThrow()
})

describe('sarif', () => {
  test('tells each plugin once, and only what failed has a level', async () => {
    await using workshop = await openWorkshop()
    const id = await workshop.put(
      ofItems(
        [{ pluginId: 7, severity: 4, name: 'Bad' }, { pluginId: 8, severity: 0 }, check('FAILED'), check('PASSED')],
        ['10.0.0.1', '10.0.0.2'],
      ),
    )
    const { runs } = JSON.parse((await exported(workshop, id, 'sarif')).toString())
    const [{ results, tool, properties }] = runs
    expect(tool.driver.rules.map((rule: { id: string }) => rule.id)).toHaveLength(3)
    for (const { ruleId, ruleIndex } of results) expect(tool.driver.rules[ruleIndex].id).toBe(ruleId)
    const kinds = new Set(
      results.map(({ kind, level, ruleId }: Record<string, string>) => `${ruleId} ${kind} ${level}`),
    )
    expect(kinds).toEqual(new Set(['7 fail error', '8 informational none', '21157 fail error', '21157 pass none']))
    expect(properties).toMatchObject({ vulnerabilities: 2, informational: 2, compliance: 4 })
  })

  test('tells what could not be seen as notifications', async () => {
    await using workshop = await openWorkshop()
    const id = await workshop.put(writtenReport([{ name: '10.0.0.1', items: [{ pluginId: 7, severity: 4 }] }]))
    const filters = { kev: true }
    const { warnings } = JSON.parse((await workshop.reports.query(id, { filters })).text.split('\n')[1]!)
    const { runs } = JSON.parse((await exported(workshop, id, 'sarif', { filters })).toString())
    const said = runs[0].invocations[0].toolExecutionNotifications.map(
      ({ message }: { message: { text: string } }) => message.text,
    )
    expect(said).toEqual(warnings)
    expect(said.length).toBeGreaterThan(0)
  })
})

function check(result: string, name = 'Passwords expire'): WrittenItem {
  return {
    pluginId: 21_157,
    severity: result === 'PASSED' ? 1 : 3,
    family: 'Policy Compliance',
    children: [
      ['compliance', 'true'],
      ['cm:compliance-check-name', name],
      ['cm:compliance-check-id', `id of ${name}`],
      ['cm:compliance-result', result],
      ['cm:compliance-actual-value', '=never'],
    ],
  }
}

describe('hdf', () => {
  const withChecks = (): string =>
    writtenReport([
      { name: '10.0.0.1', items: [check('PASSED'), check('WARNING', 'Another'), { pluginId: 1, severity: 4 }] },
      { name: '10.0.0.2', items: [check('FAILED'), check('ERROR', 'Another')] },
    ]).replace('<NessusClientData_v2>', '<NessusClientData_v2 xmlns:cm="http://www.nessus.org/cm">')

  test('has one control per check, with a result per host, and says what it leaves out', async () => {
    await using workshop = await openWorkshop()
    const id = await workshop.put(withChecks())
    const { profiles, passthrough } = JSON.parse((await exported(workshop, id, 'hdf')).toString())
    const controls = profiles[0].controls.map(
      ({ title, results }: { title: string; results: { status: string }[] }) => [
        title,
        results.map(({ status }) => status).toSorted(),
      ],
    )
    expect(controls).toEqual([
      ['Another', ['error', 'skipped']],
      ['Passwords expire', ['failed', 'passed']],
    ])
    expect(passthrough).toMatchObject({ compliance: 4, not_in_this_format: 1 })
  })

  test('is refused where there are no checks, with what to ask for', async () => {
    await using workshop = await openWorkshop()
    const id = await workshop.put(ofItems([{ pluginId: 1, severity: 4 }]))
    await expect(exported(workshop, id, 'hdf')).rejects.toThrow(
      /holds compliance checks, and of \S+ none match; ask for sarif/,
    )
  })
})

test('a format with fields or an order of its own refuses those that are asked for', async () => {
  await using workshop = await openWorkshop()
  const id = await workshop.put(ofItems([{ pluginId: 1, severity: 4 }]))
  await expect(exported(workshop, id, 'sarif', { customFields: ['host'] })).rejects.toThrow(
    /custom_fields: sarif has fields of its own/,
  )
  await expect(exported(workshop, id, 'ocsf', { profile: 'brief' })).rejects.toThrow(/schema_profile: ocsf/)
  await expect(exported(workshop, id, 'hdf', { sort: ['host'] })).rejects.toThrow(/sort: hdf has an order of its own/)
})
