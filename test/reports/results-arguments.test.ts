/** Goal: a question that makes no sense is refused with the argument, what was expected, and the near name. Never an empty answer. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { Refusal } from '../../lib/base/errors.ts'
import type { ReportQuery } from '../../lib/reports/query/results-query.ts'
import { openWorkshop, type Workshop } from './support/workshop.ts'
import { findingLines, metadataLine, schemaLine, writtenReport } from './support/written-report.ts'

let workshop: Workshop
let taskId: string

beforeAll(async () => {
  workshop = await openWorkshop()
  const items = Array.from({ length: 25 }, (_, index) => ({
    severity: index % 5,
    pluginId: 100 + index,
    name: `Plugin ${index}`,
    children: [
      ['description', `About ${index}. ${'Long text. '.repeat(300)}`],
      ['cvss3_base_score', '7.5'],
      ['edb-id', '42'],
      ['plugin_output', `Said "this"\n${'\t'.repeat(400)}${index}`],
    ] as [string, string][],
  }))
  taskId = await workshop.put(writtenReport([{ name: '10.0.0.1', items }]))
})
afterAll(async () => workshop[Symbol.asyncDispose]())

describe('refused with a reason:', () => {
  test.each<[string, ReportQuery, string]>([
    ['an unknown filter', { filters: { severty: 4 } }, 'filters: there is no field "severty"; did you mean severity'],
    [
      'an unknown field',
      { customFields: ['plugin_nam'] },
      'custom_fields: there is no field "plugin_nam"; did you mean plugin_name',
    ],
    [
      'an unknown profile',
      { profile: 'breif' },
      'schema_profile: expected one of minimal, summary, brief, full, got "breif"; did you mean brief',
    ],
    ['an unknown sort', { sort: 'vpr' }, 'sort: there is no field "vpr"; did you mean vpr_score'],
    ['a sort of odd form', { sort: 'a b' }, 'sort: expected a field'],
    ['a sort by a list', { sort: 'cve' }, 'cve cannot be sorted by'],
    ['fields beside a profile', { profile: 'full', customFields: ['host'] }, 'custom_fields: cannot be combined'],
    ['no fields', { customFields: [] }, 'custom_fields: expected 1 to'],
    ['a malformed number', { filters: { cvss3_base_score: '>=high' } }, 'filters.cvss3_base_score: expected a number'],
    ['an operator alone', { filters: { cvss3_base_score: '>=' } }, 'filters.cvss3_base_score: expected a number'],
    ['a comparison on text', { filters: { plugin_name: '>=7' } }, 'filters.plugin_name: expected text'],
    ['a number on text', { filters: { description: 7 } }, 'filters.description: expected text'],
    ['an empty text', { filters: { description: '' } }, 'filters.description: expected 1 to'],
    ['an empty list', { filters: { severity: [] } }, 'filters.severity: expected a list of 1 to'],
    ['an object', { filters: { severity: {} } }, 'filters.severity: expected a value, or {"between": [from, to]}'],
    ['a severity out of range', { filters: { severity: 5 } }, 'filters.severity: expected 0 to 4'],
    ['a misspelt severity', { filters: { severity: 'Hihg' } }, 'filters.severity: expected 0 to 4'],
    [
      'a boolean that is none',
      { filters: { exploit_available: 'maybe' } },
      'filters.exploit_available: expected true or false',
    ],
    [
      'a date that is none',
      { filters: { cisa_known_exploited: true } },
      'filters.cisa_known_exploited: expected a date',
    ],
    ['a page beyond the last', { page: 4, pageSize: 10 }, 'page: expected 0 to 3, got 4'],
    ['a page size out of range', { pageSize: 9 }, 'page_size: '],
    ['a negative page', { page: -1 }, 'page: '],
    ['a tiny budget', { maxChars: 10 }, 'max_chars: '],
  ])('%s', async (_, query, message) => {
    const failure = await workshop.reports.query(taskId, query).catch((error: unknown) => error)
    expect(failure).toBeInstanceOf(Refusal)
    expect(failure).toMatchObject({ code: 'invalid_argument' })
    expect(String(failure)).toContain(message)
  })

  test.each([
    '../../etc/passwd',
    'ns_a_20250101_000000_0000000g',
    'ns_a_20250101_000000_00000000\n',
    '',
    'ns__20250101_000000_00000000',
  ])('the task id %j', async (id) => {
    for (const ask of [
      () => workshop.reports.facts(id),
      () => workshop.reports.remove(id),
      () => workshop.reports.openNative(id),
    ]) {
      await expect((async () => void (await ask()))()).rejects.toThrow('task_id: expected the form')
    }
  })

  test('a task that has no report', async () => {
    await expect(workshop.reports.facts('ns_none_20250101_000000_00000000')).rejects.toMatchObject({
      code: 'not_found',
    })
  })
})

test('a field that is known but absent from the report matches nothing, and null matches all', async () => {
  const none = await workshop.reports.query(taskId, { filters: { epss_score: '>0' } })
  const all = await workshop.reports.query(taskId, { filters: { epss_score: null } })
  expect([none.total_vulnerabilities, none.total_informational]).toEqual([0, 0])
  expect([all.total_vulnerabilities, all.total_informational]).toEqual([20, 5])
})

test('a field may be written as its element is', async () => {
  const { text } = await workshop.reports.query(taskId, { customFields: ['edb-id'], filters: { 'edb-id': '42' } })
  expect(findingLines(text)[0]).toEqual({ type: 'vulnerability', edb_id: ['42'] })
})

test.each(['minimal', 'summary', 'brief'] as const)('profile %s shows its fields and no other', async (profile) => {
  const { text } = await workshop.reports.query(taskId, { profile, maxChars: 1_000_000 })
  const fields = schemaLine(text)['fields'] as string[]
  for (const line of findingLines(text)) {
    for (const name of Object.keys(line)) expect([...fields, 'type']).toContain(name)
  }
})

test('the answer begins with schema and metadata and ends with pagination', async () => {
  const { text } = await workshop.reports.query(
    taskId,
    { page: 2, pageSize: 10, profile: 'full' },
    { scanName: 'Weekly' },
  )
  expect(schemaLine(text)).toMatchObject({ type: 'schema', profile: 'full', total_vulnerabilities: 20, total_pages: 3 })
  expect(metadataLine(text)).toMatchObject({
    type: 'scan_metadata',
    task_id: taskId,
    scan_name: 'Weekly',
    hosts: 1,
    untrusted_text: expect.arrayContaining(['scan_name', 'warnings']),
  })
  expect(metadataLine(text)['untrusted_text']).toContain('plugin_output')
  const last = JSON.parse(text.slice(text.lastIndexOf('\n') + 1)) as unknown
  expect(last).toEqual({ type: 'pagination', page: 2, page_size: 10, total_pages: 3, has_next: true, next_page: 3 })
})

test('page 0 has no pagination line and cuts nothing', async () => {
  const { text } = await workshop.reports.query(taskId, { page: 0, profile: 'full' })
  expect(text).not.toContain('"pagination"')
  expect(text).not.toContain('"truncated"')
  expect(findingLines(text)).toHaveLength(25)
})

test('the longest texts are cut first, and each line names what was cut', async () => {
  const { text } = await workshop.reports.query(taskId, { maxChars: 40_000 })
  expect(text.length).toBeLessThanOrEqual(40_000)
  expect(text.length).toBeGreaterThan(35_000)
  for (const line of findingLines(text)) {
    expect(line['truncated']).toEqual(['description'])
    expect(line['id']).toMatch(/^10\.0\.0\.1\/0\/tcp\/1\d\d\/1$/)
    expect(line['description']).toMatch(/…$/)
  }
})

test('a page that no cut makes fit leaves out fields and names them, or is refused with the remedy', async () => {
  const { text } = await workshop.reports.query(taskId, { profile: 'full', maxChars: 9000, pageSize: 40 })
  expect(text.length).toBeLessThanOrEqual(9000)
  expect((schemaLine(text)['omitted_fields'] as string[]).length).toBeGreaterThan(0)
  await expect(workshop.reports.query(taskId, { maxChars: 3000 })).rejects.toMatchObject({ code: 'too_large' })
})

test('everything at once is refused above 8 MiB, and streams', async () => {
  const items = Array.from({ length: 300 }, (_, index) => ({
    pluginId: index,
    children: [['plugin_output', `${index} ${'x'.repeat(40_000)}`]] as [string, string][],
  }))
  const large = await workshop.put(writtenReport([{ name: 'a', items }]))
  const query = { page: 0, customFields: ['plugin_output'] }
  await expect(workshop.reports.query(large, query)).rejects.toMatchObject({ code: 'too_large' })
  let bytes = 0
  let lines = 0
  for await (const part of workshop.reports.stream(large, query)) {
    bytes += part.length
    lines += findingLines(part).length
  }
  expect(lines).toBe(300)
  expect(bytes).toBeGreaterThan(12_000_000)
})
