/** Goal: reports from elsewhere are told apart by their own dates, and no number is cut before it is counted. */
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type WrittenItem, writtenReport } from '../../reports/support/written-report.ts'
import { openHouse, type House } from '../../support/house.ts'

const CVE = 'CVE-2021-44228'
const exposed: WrittenItem = { severity: 4, pluginId: 155_999, port: 443, children: [['cve', CVE]] }
const info = (login: string): WrittenItem => ({
  pluginId: 19_506,
  children: [['plugin_output', `Scan type : Normal\nPort range : 1-1024\nCredentialed checks : ${login}`]],
})
const policy = `<Policy><policyName>Weekly</policyName><Preferences><ServerPreferences><preference><name>TARGET</name><value>10.20.0.0/24</value></preference><preference><name>port_range</name><value>1-1024</value></preference></ServerPreferences></Preferences></Policy>`
const fleet = (day: number, hosts: number): string =>
  writtenReport(
    Array.from({ length: hosts }, (_, at) => ({
      name: day % 2 === 0 ? `10.20.0.${at + 1}` : `srv${at}.example`,
      tags: {
        'host-ip': `10.20.0.${at + 1}`,
        HOST_START: `Mon Mar ${day} 08:00:00 2026`,
        HOST_END: `Mon Mar ${day} 09:00:00 2026`,
      },
      items: [exposed, info('yes'), { severity: 2, pluginId: 1, children: [['description', CVE]] }],
    })),
    policy,
  )

let house: House
const ids: string[] = []
beforeAll(async () => {
  house = await openHouse()
  mkdirSync(house.importDir, { recursive: true })
  // Taken in out of order: the last one is the oldest.
  for (const day of [16, 9, 23, 2]) {
    writeFileSync(join(house.importDir, `w${day}.nessus`), fleet(day, 60))
    ids.push(String((await house.result('import_scan', { path: `w${day}.nessus` }))['task_id']))
  }
})
afterAll(() => house?.close())

const rows = async (args: object) => (await house.result('list_tasks', args))['tasks'] as Record<string, unknown>[]

test('imports stand in the order of their reports, and tell date, policy, targets and kind', async () => {
  const tasks = await rows({ scanner_pool: 'import' })
  expect(tasks.map((task) => String(task['scanned_at']).slice(0, 10))).toEqual([
    '2026-03-23',
    '2026-03-16',
    '2026-03-09',
    '2026-03-02',
  ])
  expect(tasks[0]).toMatchObject({
    policy: 'Weekly',
    scan_type: 'authenticated',
    targets: expect.stringMatching(/^10\.20\.0\.0\/24/),
    completed_at: '2026-03-23T09:00:00',
  })
  expect(await house.result('get_scan_status', { task_id: ids[3] })).toMatchObject({
    started_at: '2026-03-02T08:00:00',
    results_summary: { policy: 'Weekly', port_range: '1-1024', scan_type: 'Normal' },
  })
})

test('target_filter finds them by the targets and by the hosts, and total counts what was asked', async () => {
  expect(await rows({ target_filter: '10.20.0.200' })).toHaveLength(4)
  expect(await rows({ target_filter: '10.99.0.1' })).toHaveLength(0)
  const page = await house.result('list_tasks', { target_filter: '10.20.0.7', limit: 3 })
  expect(page).toMatchObject({ total: 4, total_is_whole: true, next_cursor: expect.any(String) })
  const rest = await house.result('list_tasks', { target_filter: '10.20.0.7', limit: 3, cursor: page['next_cursor'] })
  expect(rest).toMatchObject({ total: 4, next_cursor: null })
  expect(rest['tasks']).toHaveLength(1)
  expect(await house.result('list_tasks', { target_filter: '10.99.0.1' })).toMatchObject({ total: 0 })
})

test('the same file twice says so', async () => {
  const again = await house.result('import_scan', { path: 'w2.nessus' })
  expect(again).toMatchObject({ same_file_as: ids[3] })
  expect((again['validation_warnings'] as string[])[0]).toContain(ids[3])
  await house.result('delete_scan', { task_id: again['task_id'] })
})

test('a search counts before it cuts, joins hosts by whatever name, and counts the scans that it did not look at', async () => {
  const all = await house.result('search_findings', { cve: CVE })
  expect(all).toMatchObject({ total: 60, hosts: 60, truncated: true, scans_searched: 4, scans_left_unsearched: 0 })
  expect((all['findings'] as unknown[]).length).toBe(50)
  expect((all['findings'] as object[])[0]).toMatchObject({
    first_seen: '2026-03-02T08:00:00',
    last_seen: '2026-03-23T08:00:00',
    scans: 4,
  })
  const few = await house.result('search_findings', { cve: CVE, scans: 1, limit: 5 })
  expect(few).toMatchObject({
    total: 60,
    hosts: 60,
    scans_searched: 1,
    scans_with_results: 4,
    scans_left_unsearched: 3,
  })
  expect(few['next']).toContain('3 scans with results were not searched')
})

test('one host is told by any of its names, with the evidence of its login', async () => {
  for (const host of ['10.20.0.7', 'SRV6.example']) {
    const { hosts } = await house.result('summarize_scan', { task_id: ids[1], host })
    expect(hosts).toMatchObject([
      {
        reach: 'finished',
        login: { status: 'success', access: 'local', evidence: [{ plugin_id: 19_506 }] },
        port_range: '1-1024',
        severity_breakdown: { critical: 1, medium: 1 },
      },
    ])
  }
  const absent = await house.refusal('summarize_scan', { task_id: ids[1], host: '10.20.0.99' })
  expect(absent.message).toContain('was not scanned, which is not the same as clean')
})
