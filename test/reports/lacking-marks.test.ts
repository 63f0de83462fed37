/** Goal: what a report does not tell is unknown, never 0. */
import { expect, test } from 'vitest'
import { openWorkshop } from './support/workshop.ts'
import { type WrittenItem, writtenReport } from './support/written-report.ts'

const times = (year: number): Record<string, string> => ({
  HOST_START: `Mon Nov  2 10:00:00 ${year}`,
  HOST_END: `Mon Nov  2 10:30:00 ${year}`,
})
const bare: WrittenItem = { severity: 3, pluginId: 1 }
const told: WrittenItem = { ...bare, pluginId: 2, children: [['exploit_available', 'false']] }
const listed: WrittenItem = { ...bare, pluginId: 3, children: [['xref', 'CISA-KNOWN-EXPLOITED:2022/01/01']] }

test.each<[string, WrittenItem[], number, number | null, number | null]>([
  ['without attributes', [bare], 2026, null, null],
  ['with attributes', [bare, told], 2026, 0, 0],
  ['with attributes, older than the KEV catalogue', [told], 2019, 0, null],
  ['with one reference to the KEV catalogue', [bare, listed], 2019, null, 1],
])('a report %s', async (_, items, year, exploitable, kev) => {
  await using workshop = await openWorkshop()
  const taskId = await workshop.put(writtenReport([{ name: 'h', tags: times(year), items }]))
  const summary = await workshop.reports.summarize(taskId)
  expect(summary.exploitable.findings).toBe(exploitable)
  expect(summary.cisa_known_exploited.findings).toBe(kev)
  expect('exploit' in summary.unknown).toBe(exploitable === null)
  expect('kev' in summary.unknown).toBe(kev === null)
  expect(Object.keys(summary.unknown)).toEqual(
    expect.arrayContaining(['cve', 'epss', 'vpr', 'cvss2', 'cvss3', 'cvss4']),
  )
})

test('lists that are shortened stand beside their whole numbers, and hosts are named with their logins', async () => {
  await using workshop = await openWorkshop()
  const hosts = Array.from({ length: 30 }, (_, at) => ({
    name: `10.0.0.${at + 1}`,
    tags: at === 0 ? { HOST_START: 'Mon Nov  2 10:00:00 2026' } : times(2026),
    items: [{ ...bare, pluginId: 100 + at }, { pluginId: 104_410 }],
  }))
  const taskId = await workshop.put(writtenReport(hosts))
  const summary = await workshop.reports.summarize(taskId)
  expect(JSON.stringify(summary).length).toBeLessThan(4000)
  expect(summary.totals).toEqual({
    hosts_with_vulnerabilities: 30,
    credentials: 1,
    plugins: 30,
    warnings: 2,
    logins: 30,
  })
  expect(summary.not_seen).toMatchObject({ hosts_unfinished: 1, unfinished: ['10.0.0.1'] })
  expect(summary.authentication.logins[0]).toMatchObject({ status: 'failed', why: expect.stringContaining('104410') })
})

test('a search finds a host by any spelling of any of its names, by network and by range', async () => {
  await using workshop = await openWorkshop()
  const taskId = await workshop.put(
    writtenReport([
      { name: '2001:0DB8::11', tags: { 'host-fqdn': 'A.example', 'netbios-name': 'AHOST' }, items: [bare] },
      { name: '10.0.0.2', items: [bare] },
      { name: '10.0.0.20', items: [bare] },
    ]),
  )
  const found = async (host: string): Promise<number> => (await workshop.reports.search(taskId, { host })).total
  for (const name of ['2001:db8:0:0:0:0:0:11', '[2001:DB8::11]', 'a.EXAMPLE', 'ahost', '2001:db8::/32', '::/0']) {
    expect([name, await found(name)]).toEqual([name, 1])
  }
  expect(await found('10.0.0.2')).toBe(1)
  expect(await found('10.0.0.2-20')).toBe(2)
})

test('a search for text looks into the names that it promises, long ones too, and nowhere else', async () => {
  await using workshop = await openWorkshop()
  const item = (pluginId: number, element: string, text: string): WrittenItem => ({
    pluginId,
    children: [[element, text]],
  })
  const long = `${'long '.repeat(100)}needle`
  const taskId = await workshop.put(
    writtenReport([
      {
        name: 'h',
        items: [item(1, 'synopsis', long), item(2, 'description', 'needle'), item(3, 'solution', 'needle')],
      },
    ]),
  )
  expect(await workshop.reports.search(taskId, { text: 'needle' })).toMatchObject({
    total: 1,
    findings: [{ plugin_id: 1 }],
  })
})
