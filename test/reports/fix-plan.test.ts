/** Goal: a plan names what removes most first, each finding counted once, with superseded fixes left out and what is left told. */
import { existsSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { compareVersions, supersededBy } from '../../lib/reports/fix-plan/superseding.ts'
import { checkQuestion } from '../../lib/reports/question/question.ts'
import { openWorkshop, type Workshop } from './support/workshop.ts'
import { writtenReport, type WrittenHost, type WrittenItem } from './support/written-report.ts'

const DATES = { HOST_START: 'Mon Mar  2 10:00:00 2026', HOST_END: 'Mon Mar  2 10:10:00 2026' }
const FLASH = (version: number): string => `Upgrade to Adobe Flash Player version ${version}.0.0.1 or later.`
const finding = (
  pluginId: number,
  solution: string,
  more: readonly (readonly [string, string])[] = [],
): WrittenItem => ({
  pluginId,
  severity: 3,
  family: 'Ubuntu Local Security Checks',
  children: [['solution', solution], ...more],
})
const host = (name: string, items: readonly WrittenItem[], tags = {}): WrittenHost => ({
  name,
  tags: { ...DATES, ...tags },
  items: [{ pluginId: 19506, children: [['plugin_output', 'Credentialed checks : yes\n']] }, ...items],
})

const ask = (workshop: Workshop, taskIds: readonly string[], question: object, latest = false) =>
  workshop.reports.ask(
    taskIds.map((taskId) => ({ taskId, look: { task_id: taskId, scan: taskId, at: null } })),
    checkQuestion({ of: 'fix_plan', ...question }),
    { latest },
  )
async function planOf(hosts: readonly WrittenHost[], question: object = {}) {
  await using workshop = await openWorkshop()
  return await ask(workshop, [await workshop.put(writtenReport(hosts))], question)
}

describe('what removes a finding', () => {
  test('the latest version of a product does what earlier ones ask', async () => {
    const { rows, groups, columns } = await planOf([
      host('a', [finding(1, FLASH(28)), finding(2, FLASH(31)), finding(3, 'Disable telnet.')]),
      host('b', [finding(1, FLASH(28)), finding(4, FLASH(30))]),
    ])
    expect(columns).toEqual(['fix', 'findings', 'hosts', 'kev', 'left'])
    expect([groups, rows.map((row) => [row[0], row[1], row[2], row[4]])]).toEqual([
      2,
      [
        [FLASH(31), 4, 2, 1],
        ['Disable telnet.', 1, 1, 0],
      ],
    ])
  })

  test("a patch of the scan's own patch report removes what it resolves, on its host alone", async () => {
    const tags = {
      'patch-summary-txt-0123abcd': 'Old Java: Apply the January update.',
      'patch-summary-cves-0123abcd': 'CVE-2026-0001, CVE-2026-0002',
    }
    const java = (cve: string): WrittenItem => finding(Number(cve.slice(-1)), `Fix ${cve}.`, [['cve', cve]])
    const { rows } = await planOf([
      host('a', [java('CVE-2026-0001'), java('CVE-2026-0002'), java('CVE-2026-0003')], tags),
      host('b', [java('CVE-2026-0001')]),
    ])
    expect(rows[0]?.slice(0, 3)).toEqual(['Apply the January update.', 2, 1])
    expect(rows.at(-1)?.[4]).toBe(0)
  })

  test('one update brings several findings of a package away, whatever their advisories are called', async () => {
    const wants = (pluginId: number, ...packages: string[]): WrittenItem =>
      finding(pluginId, `See advisory ${pluginId}.`, [
        [
          'plugin_output',
          packages.map((name) => `  - Installed : ${name}-1.0\n  - Should be : ${name}-1.${pluginId}\n`).join('\n'),
        ],
      ])
    const { rows } = await planOf([host('a', [wants(1, 'openssl'), wants(2, 'openssl'), wants(3, 'openssl', 'vim')])])
    expect(rows.map((row) => [row[0], row[1]])).toEqual([['Update openssl, vim', 3]])
  })

  test('a patch that a finding names alone', async () => {
    const missing = (pluginId: number): WrittenItem =>
      finding(pluginId, `Bulletin ${pluginId}`, [['xref', 'MSKB:4011574']])
    expect((await planOf([host('a', [missing(1), missing(2)])])).rows[0]?.slice(0, 2)).toEqual(['Install KB4011574', 2])
  })

  test('what has no solution stays', async () => {
    const { rows, n } = await planOf([host('a', [finding(1, 'n/a'), finding(2, 'Do it.')])])
    expect([n, rows.map((row) => [row[0], row[1], row[4]])]).toEqual([2, [['Do it.', 1, 1]]])
  })
})

test('known exploited findings are counted, and unknown where the report tells of none', async () => {
  const known = finding(1, 'Do it.', [
    ['cisa-known-exploited', '2026/01/01'],
    ['exploit_available', 'true'],
    ['vuln_publication_date', '2025/01/01'],
  ])
  expect((await planOf([host('a', [known, finding(2, 'Do it.')])])).rows[0]?.[3]).toBe(1)
  expect((await planOf([host('a', [finding(2, 'Do it.')])])).rows[0]?.[3]).toBe(null)
})

test('a plan over several scans counts each host by its newest look', async () => {
  await using workshop = await openWorkshop()
  const ids = [
    await workshop.put(writtenReport([host('a', [finding(1, FLASH(28)), finding(2, 'Gone.')])])),
    await workshop.put(
      writtenReport([
        host('a', [finding(3, FLASH(31))], {
          HOST_START: 'Mon Mar  9 10:00:00 2026',
          HOST_END: 'Mon Mar  9 10:10:00 2026',
        }),
      ]),
    ),
  ]
  expect((await ask(workshop, ids, {})).rows.map((row) => [row[0], row[1]])).toEqual([
    [FLASH(31), 2],
    ['Gone.', 1],
  ])
  expect((await ask(workshop, ids, {}, true)).rows.map((row) => [row[0], row[1]])).toEqual([[FLASH(31), 1]])
})

test('a plan is ordered in its own way alone', async () => {
  await expect(planOf([host('a', [])], { group_by: 'os' })).rejects.toThrow(
    /group_by: expected nothing with "of": "fix_plan"/,
  )
})

test('versions compare by their numbers', () => {
  expect(['10.0', '9.9', '9.9a', '9.10', '9'].toSorted(compareVersions)).toEqual(['9', '9.9', '9.9a', '9.10', '10.0'])
})

test('a later version includes an earlier one by its number, not by its letters', () => {
  const labels = ['Upgrade to Vim version 9.0 or later.', 'Upgrade to Vim version 10.0 or later.']
  expect([...supersededBy(labels)]).toEqual([[1, [0]]])
})

test('a text that is no simple upgrade includes nothing', () => {
  const labels = [
    'Upgrade to PHP version 5.3.12 / 5.4.2 or later.',
    'Upgrade to PHP version 5.3.12 or later.',
    'Update b',
    'Update a, b',
  ]
  expect([...supersededBy(labels)]).toEqual([[3, [2]]])
})

const DATA = '../shared/data'
const FILES = [
  'goad',
  'heimdall2-mixed-credentials',
  'pytenable-credentialed',
  'defectdojo-cvssv3',
  'defectdojo-seven-hosts',
]
describe.skipIf(!existsSync(DATA))('on real reports', () => {
  test.each(FILES)('%s: the plan removes at least what so many solutions remove', async (file) => {
    await using workshop = await openWorkshop()
    const taskId = await workshop.copy(`${DATA}/${file}.nessus`)
    const solutions = await ask(workshop, [taskId], { of: 'fixes', where: { not: { solution: 'n/a' } }, top: 100 })
    for (const top of [1, 3, 5, 10]) {
      const plan = await ask(workshop, [taskId], { top })
      const removed = Number(plan.n) - Number(plan.rows.at(-1)?.[4] ?? plan.n)
      expect(removed).toBe(plan.rows.reduce((sum, row) => sum + Number(row[1]), 0))
      expect(removed).toBeGreaterThanOrEqual(solutions.rows.slice(0, top).reduce((sum, row) => sum + Number(row[1]), 0))
    }
  })
})
