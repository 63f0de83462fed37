/** Goal: an OCSF event says in the schema's own words what the finding says. */
import { expect, test } from 'vitest'
import { openWorkshop } from './support/workshop.ts'
import { writtenReport } from './support/written-report.ts'

test('ocsf tells severities and cves in its own words', async () => {
  await using workshop = await openWorkshop()
  const children = [
    ['cve', 'CVE-2021-44228'],
    ['cve', 'CVE-2021-45046'],
    ['cvss3_base_score', '10.0'],
    ['cvss3_vector', 'CVSS:3.1/AV:N'],
  ] as const
  const items = [
    { pluginId: 1, severity: 4, children },
    { pluginId: 2, severity: 0 },
  ]
  const tags = { HOST_END: 'Mon Mar  2 10:00:00 2026' }
  const id = await workshop.put(writtenReport([{ name: '10.0.0.1', tags, items }]))
  let said = ''
  for await (const piece of workshop.reports.export(id, { page: 0 }, 'ocsf')) said += String(piece)
  const events = said
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line))
  expect(events.map((event) => [event.class_uid, event.severity_id, event.severity])).toEqual([
    [2002, 5, 'Critical'],
    [2002, 1, 'Informational'],
  ])
  const [{ vulnerabilities, time }] = events
  expect(vulnerabilities.map(({ cve }: { cve: { uid: string } }) => cve.uid)).toEqual([
    'CVE-2021-44228',
    'CVE-2021-45046',
  ])
  expect(vulnerabilities[0].cve.cvss).toEqual([{ version: '3.1', base_score: 10, vector_string: 'CVSS:3.1/AV:N' }])
  expect(time).toBe(Date.parse('2026-03-02T10:00:00Z'))
})
