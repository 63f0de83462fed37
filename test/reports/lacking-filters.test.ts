/** A filter on what a report does not carry finds nothing and knows nothing: it says so, whoever asks. */
import { expect, test } from 'vitest'
import { checkQuestion } from '../../lib/reports/question/question.ts'
import { openWorkshop } from './support/workshop.ts'
import { type WrittenItem, writtenReport } from './support/written-report.ts'

const tags = { HOST_START: 'Mon Nov  2 10:00:00 2026', HOST_END: 'Mon Nov  2 10:30:00 2026' }
const bare: WrittenItem = { severity: 3, pluginId: 1 }
const told: WrittenItem = {
  ...bare,
  children: [
    ['exploit_available', 'true'],
    ['cve', 'CVE-2026-0001'],
    ['cisa_known_exploited', '2026/01/01'],
    ['epss_score', '0.5'],
    ['vpr_score', '7.1'],
    ['cvss_base_score', '7'],
    ['cvss3_base_score', '7'],
    ['cvss4_base_score', '7'],
    ['vuln_publication_date', '2026/01/01'],
    ['patch_publication_date', '2026/01/01'],
    ['plugin_publication_date', '2026/01/01'],
    ['plugin_modification_date', '2026/01/01'],
  ],
}
const FILTERS = {
  cve: 'CVE-2026-0002',
  exploit_available: true,
  kev: true,
  cisa_known_exploited: '*',
  epss_score: '>0.9',
  vpr_score: '>9',
  cvss_score: '>9',
  cvss_base_score: '>9',
  cvss3_base_score: '>9',
  cvss4_base_score: '>9',
  exploited_by_malware: true,
  unsupported_by_vendor: true,
  default_account: true,
  vuln_publication_date: '<2020-01-01',
  patch_publication_date: '<2020-01-01',
} as const

const lines = (text: string) => text.split('\n').map((line) => JSON.parse(line) as Record<string, unknown>)

test.each(Object.entries(FILTERS))('a filter on %s', async (field, value) => {
  await using workshop = await openWorkshop()
  const ask = async (item: WrittenItem) => {
    const taskId = await workshop.put(writtenReport([{ name: 'h', tags, items: [item] }]))
    const { text } = await workshop.reports.query(taskId, { filters: { [field]: value } })
    const look = { task_id: taskId, scan: 's', at: null }
    const question = checkQuestion({ where: { [field]: value }, informational: true })
    const answer = await workshop.reports.ask([{ taskId, look }], question)
    let streamed = ''
    for await (const piece of workshop.reports.stream(taskId, { filters: { [field]: value } })) streamed += piece
    const [schema, metadata] = lines(text)
    expect(streamed.split('\n').slice(0, 1)).toEqual(text.split('\n').slice(0, 1))
    return {
      filtered: schema?.['cannot_say'],
      counted: answer.cannot_say,
      warnings: metadata?.['warnings'] as string[],
    }
  }
  const silent = await ask(bare)
  expect(silent.filtered).toHaveLength(1)
  expect(silent.counted).toEqual(expect.arrayContaining(silent.filtered as string[]))
  expect(silent.warnings[0]).toMatch(/^Cannot say what the filters ask: the report .*No match is not "none"\.$/)
  const saying = await ask(told)
  expect([saying.filtered, saying.warnings.filter((warning) => warning.startsWith('Cannot say'))]).toEqual([
    undefined,
    [],
  ])
})

test('a filter for what is absent, and one on what every finding has, say nothing of the kind', async () => {
  await using workshop = await openWorkshop()
  const taskId = await workshop.put(writtenReport([{ name: 'h', tags, items: [bare] }]))
  for (const filters of [{ cve: null }, { severity: '>=3' }, { plugin_name: 'x' }, { host: 'h' }]) {
    expect(lines((await workshop.reports.query(taskId, { filters })).text)[0]).not.toHaveProperty('cannot_say')
  }
})

test('a search for a CVE tells which report names none at all', async () => {
  await using workshop = await openWorkshop()
  const of = async (item: WrittenItem) => {
    const taskId = await workshop.put(writtenReport([{ name: 'h', tags, items: [item] }]))
    return (await workshop.reports.search(taskId, { cve: 'CVE-2026-0002' })).cannotSay
  }
  expect(await of(bare)).toEqual(['the report carries no cve at all'])
  expect(await of(told)).toEqual([])
})
