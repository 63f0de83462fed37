/** Goal: a question counts what a naive evaluation counts, says what it cannot say, and a wrong question is refused with the right form. */
import { describe, expect, test } from 'vitest'
import { checkQuestion } from '../../lib/reports/question/question.ts'
import { generateReport, type Finding } from './support/generated-report.ts'
import { labelled } from './support/labelled.ts'
import { generateFilters } from './support/naive-filter.ts'
import { makeRandom, type Random } from './support/random.ts'
import { openWorkshop, type Workshop } from './support/workshop.ts'
import { writtenReport } from './support/written-report.ts'

const REPORTS = Number(process.env['QUESTION_REPORTS'] ?? 20)
const QUESTIONS_PER_REPORT = 25
const GROUPS = ['host', 'port', 'plugin_id', 'plugin_family', 'svc_name', 'cve', 'severity', 'exploit_available']

const ask = (workshop: Workshop, taskId: string, question: object) =>
  workshop.reports.ask([{ taskId, look: { task_id: taskId, scan: 'it', at: null } }], checkQuestion(question))

type Test = (finding: Finding) => boolean

/** A random condition with `any`, `all` and `not`, and the test that it stands for. */
function generateWhere(random: Random, depth: number): { where: Record<string, unknown>; test: Test } {
  const { filters, test: plain } = generateFilters(random)
  if (depth === 0 || random.chance(0.4)) return { where: filters, test: plain }
  const [one, other] = [generateWhere(random, depth - 1), generateWhere(random, depth - 1)]
  switch (random.pick(['any', 'all', 'not'] as const)) {
    case 'any':
      return { where: { any: [one.where, other.where] }, test: (finding) => one.test(finding) || other.test(finding) }
    case 'all':
      return { where: { all: [one.where, other.where] }, test: (finding) => one.test(finding) && other.test(finding) }
    case 'not':
      return {
        where: { all: [other.where], not: one.where },
        test: (finding) => other.test(finding) && !one.test(finding),
      }
  }
}

const SEVERITIES = ['Info', 'Low', 'Medium', 'High', 'Critical']
const valuesOf = (finding: Finding, field: string): unknown[] => {
  const value = field === 'severity' ? SEVERITIES[finding['severity'] as number] : finding[field]
  if (value === undefined || value === '') return ['(none)']
  return Array.isArray(value) ? [...new Set(value as unknown[])] : [value]
}

function naiveGroups(findings: readonly Finding[], fields: readonly string[]): Map<string, Finding[]> {
  const groups = new Map<string, Finding[]>()
  for (const finding of findings) {
    let keys: unknown[][] = [[]]
    for (const field of fields) keys = keys.flatMap((key) => valuesOf(finding, field).map((value) => [...key, value]))
    for (const key of keys) {
      const name = JSON.stringify(key)
      groups.set(name, [...(groups.get(name) ?? []), finding])
    }
  }
  return groups
}

const asksSeverity = (where: object): boolean => JSON.stringify(where).includes('"severity"')

test('any condition, grouping and measure counts what a naive evaluation counts', async () => {
  await using workshop = await openWorkshop()
  for (let seed = 0; seed < REPORTS; seed++) {
    const random = makeRandom(seed)
    const { xml, findings } = generateReport(random)
    const taskId = await workshop.put(xml)
    const known = findings.some((finding) => 'x_unknown' in finding)
    for (let at = 0; at < QUESTIONS_PER_REPORT; at++) {
      const { where, test: matches } = generateWhere(random, 2)
      if (!known && JSON.stringify(where).includes('x_unknown')) continue
      const fields = [...new Set([random.pick(GROUPS), ...(random.chance(0.4) ? [random.pick(GROUPS)] : [])])]
      const question = { where, group_by: fields, measure: ['findings', 'hosts', 'plugins'], top: 1000 }
      const answer = await ask(workshop, taskId, question)
      const wanted = findings.filter(
        (finding) => matches(finding) && (asksSeverity(where) || finding['severity'] !== 0),
      )
      const said = `seed ${seed}, question ${JSON.stringify(question)}`
      const distinct = (some: readonly Finding[], field: string) => new Set(some.map((finding) => finding[field])).size
      const expected = [...naiveGroups(wanted, fields)].map(([key, some]) =>
        JSON.stringify([
          ...(JSON.parse(key) as unknown[]),
          some.length,
          distinct(some, 'host'),
          distinct(some, 'plugin_id'),
        ]),
      )
      labelled(said, () => expect(answer.rows.map((row) => JSON.stringify(row)).sort()).toEqual(expected.sort()))
      labelled(said, () => expect([answer.n, answer.groups, answer.cut]).toEqual([wanted.length, expected.length, 0]))
    }
  }
})

const REPORT = writtenReport([
  {
    name: '192.0.2.10',
    tags: { 'host-ip': '192.0.2.10', HOST_START: 'Mon Mar  2 10:00:00 2026', HOST_END: 'Mon Mar  2 10:10:00 2026' },
    items: [
      { port: 443, severity: 3, pluginId: 1, name: 'Old TLS', family: 'General', children: [['solution', 'Upgrade.']] },
      { port: 445, severity: 2, pluginId: 2, name: 'SMB', family: 'Windows', children: [['cve', 'CVE-2021-40346']] },
      { port: 22, severity: 0, pluginId: 3, name: 'SSH', family: 'Misc.' },
    ],
  },
  {
    name: 'web02',
    tags: { 'host-ip': '192.0.2.82', HOST_START: 'Mon Mar  2 10:00:00 2026' },
    items: [
      { port: 443, severity: 3, pluginId: 1, name: 'Old TLS', family: 'General', children: [['solution', 'Upgrade.']] },
    ],
  },
])

describe('a question of one report', () => {
  const answered = async (question: object) => {
    await using workshop = await openWorkshop()
    return await ask(workshop, await workshop.put(REPORT), question)
  }

  test.each([
    [
      'hosts, the worst first',
      { of: 'hosts' },
      {
        n: 2,
        rows: [
          ['192.0.2.10', 2, 'High'],
          ['web02', 1, 'High'],
        ],
      },
    ],
    ['kinds of problems', { of: 'plugins', top: 1 }, { n: 2, cut: 1, rows: [[1, 'Old TLS', 2, 2, 'High']] }],
    ['fixes', { of: 'fixes' }, { n: 1, rows: [['Upgrade.', 2, 2, 'High']] }],
    [
      'ports, informational items with them',
      { of: 'ports', top: 2 },
      {
        n: 3,
        cut: 1,
        rows: [
          [443, 'tcp', 2],
          [22, 'tcp', 1],
        ],
      },
    ],
    ['a whole CVE, not its beginning', { where: { cve: 'CVE-2021-4034' } }, { n: 0 }],
    [
      'a whole address, not its beginning',
      { where: { host: '192.0.2.8' } },
      { n: 0, cannot_say: ['192.0.2.8 is not in the scan'] },
    ],
    ['any of the names of a host', { where: { host: '192.0.2.82' } }, { n: 1 }],
    ['a network', { where: { host: '192.0.2.0/25' } }, { n: 3 }],
    [
      'groups that are large enough',
      { group_by: 'plugin_name', having: { findings: '>=2' } },
      { groups: 1, rows: [['Old TLS', 2]] },
    ],
    [
      'a mark that the report does not carry',
      { where: { epss_score: '>=0.5' } },
      { n: 0, cannot_say: ['the report carries no epss_score at all'] },
    ],
    [
      'ages of patches that the report does not carry',
      { where: { patch_publication_date: 'older than 3 days' } },
      { n: 0, cannot_say: ['the report carries no patch_publication_date at all'] },
    ],
    ['who was not finished', {}, { unseen: { hosts_unfinished: { count: 1, names: ['web02'] } } }],
    ['an audit that was not run', { of: 'checks' }, { n: 0, cannot_say: ['no compliance audit was run'] }],
  ])('%s', async (_, question, expected) => {
    expect(await answered(question)).toMatchObject(expected)
  })

  test.each([
    [
      'a misspelt field',
      { where: { severty: 3 } },
      /where\.severty: there is no field "severty"; did you mean severity/,
    ],
    ['a misspelt field within not', { where: { not: { prt: 3 } } }, /where\.not\.prt: there is no field/],
    ['a network where text is looked for', { where: { cve: '>=3' } }, /filters\.cve: expected a whole identifier/],
    ['"not equal" on text', { where: { plugin_name: '!=SSH' } }, /"not" turns a condition around/],
    [
      'a network that is none',
      { where: { host: '192.0.2.0/99' } },
      /filters\.host: expected one whole name or address/,
    ],
    ['an unknown subject', { of: 'vulns' }, /of/],
    [
      'an unknown measure',
      { group_by: 'host', measure: 'finding' },
      /measure: expected findings, .*did you mean findings/,
    ],
    ['an order by what is not shown', { of: 'hosts', order: '-plugins' }, /order: there is no column "plugins"/],
    ['a list in place of conditions', { where: { any: [3] } }, /where\.any: expected conditions such as/],
    ['keys that every object has', { where: { constructor: 1 } }, /constructor/],
  ])('refuses %s, with the form to use', async (_, question, message) => {
    await expect((async () => answered(question))()).rejects.toThrow(message)
  })
})

describe('a question of several reports', () => {
  const week = (day: string, name: string, ip: string, items: readonly [number, string][]) =>
    writtenReport([
      {
        name,
        tags: {
          'host-ip': ip,
          'host-fqdn': 'db01.corp.example',
          HOST_START: `Mon Mar ${day} 10:00:00 2026`,
          HOST_END: `Mon Mar ${day} 11:00:00 2026`,
        },
        items: items.map(([pluginId, named]) => ({ port: 443, severity: 2, pluginId, name: named, family: 'General' })),
      },
    ])
  const given = async (workshop: Workshop) => {
    const reports = [
      week(' 2', 'db01', '192.0.2.20', [
        [1, 'A'],
        [2, 'B'],
      ]),
      week(' 9', 'DB01.corp.example', '192.0.2.20', [[1, 'A']]),
    ]
    const ids = await Promise.all(reports.map((xml) => workshop.put(xml)))
    return Promise.all(
      ids.map(async (taskId, at) => {
        const { started_at } = await workshop.reports.facts(taskId)
        return { taskId, look: { task_id: taskId, scan: `week ${at + 1}`, at: started_at } }
      }),
    )
  }

  test('counts a host once, whatever it is called in each', async () => {
    await using workshop = await openWorkshop()
    const answer = await workshop.reports.ask(await given(workshop), checkQuestion({ of: 'hosts' }))
    expect(answer).toMatchObject({ n: 1, findings: 3, hosts: 1 })
  })

  test('the latest look at a host replaces the ones before', async () => {
    await using workshop = await openWorkshop()
    const question = checkQuestion({ of: 'plugins' })
    const answer = await workshop.reports.ask(await given(workshop), question, { latest: true })
    expect(answer).toMatchObject({ n: 1, rows: [[1, 'A', 1, 1, 'Medium']] })
    expect(answer.looks.map(({ scan }) => scan)).toEqual(['week 2'])
  })

  test('grouped by scan, it shows how a number developed', async () => {
    await using workshop = await openWorkshop()
    const question = checkQuestion({ group_by: 'scan', order: 'scan' })
    const answer = await workshop.reports.ask(await given(workshop), question)
    expect(answer.rows).toEqual([
      ['2026-03-02', 2],
      ['2026-03-09', 1],
    ])
  })
})
