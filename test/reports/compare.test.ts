/** Goal: a finding counts as fixed only when it was looked for again. */
import { expect, test } from 'vitest'
import type { Expectation } from '../../lib/reports/judge/report-facts.ts'
import { openWorkshop } from './support/workshop.ts'
import { type WrittenHost, type WrittenItem, writtenReport } from './support/written-report.ts'

const info = (ports: string, policy: string, login: string): WrittenItem => ({
  pluginId: 19_506,
  children: [['plugin_output', `Port range : ${ports}\nScan policy used : ${policy}\nCredentialed checks : ${login}`]],
})
const remote: WrittenItem = { port: 8443, severity: 3, pluginId: 5, children: [['plugin_type', 'remote']] }
const local: WrittenItem = { port: 0, severity: 4, pluginId: 6, children: [['plugin_type', 'local']] }
const odd: WrittenItem = { severity: 2, pluginId: 7, family: 'SCADA', children: [['plugin_type', 'remote']] }
const times = { HOST_START: 'Mon Nov  2 10:00:00 2026', HOST_END: 'Mon Nov  2 10:30:00 2026' }
const tagged = (name: string, tags: Record<string, string>, ...items: WrittenItem[]): WrittenHost => ({
  name,
  tags,
  items,
})
const host = (name: string, ...items: WrittenItem[]): WrittenHost => tagged(name, times, ...items)
const same = info('1-65535', 'P', 'yes')
const before = [host('h', same, remote, local, odd)]
const dead: WrittenItem = { pluginId: 10_180, children: [['plugin_output', 'considered as dead']] }
const earlier = { HOST_START: 'Sun Nov  1 10:00:00 2026', HOST_END: 'Sun Nov  1 10:30:00 2026' }
const refused = info('1-65535', 'P', 'no')

test.each<[string, WrittenHost[], Expectation, Record<string, number>, number]>([
  ['same conditions: all fixed', [host('h', same)], {}, {}, 3],
  ['host not seen', [host('other')], {}, { host_not_seen: 3 }, 0],
  ['host dead', [host('h', dead)], {}, { host_unreachable: 3 }, 0],
  ['scan aborted', [host('h', same)], { scanStatus: 'aborted' }, { scan_unfinished: 3 }, 0],
  ['host not finished', [tagged('h', { HOST_START: times.HOST_START }, same)], {}, { host_unfinished: 3 }, 0],
  ['nothing shows that the host finished', [tagged('h', {}, odd)], {}, { host_unfinished: 2 }, 0],
  ['older given as newer', [tagged('h', earlier, same)], {}, { older_report: 3 }, 0],
  ['login lost', [host('h', refused)], {}, { credentials_lost: 1 }, 2],
  ['login not told', [host('h', info('1-65535', 'P', '?'))], {}, { credentials_lost: 1 }, 2],
  ['login without all rights', [host('h', same, { pluginId: 110_385 })], {}, { credentials_lost: 1 }, 2],
  ['fewer ports', [host('h', info('1-1024', 'P', 'yes'))], {}, { port_not_covered: 1 }, 2],
  ['UDP alone', [host('h', info('U:1-65535', 'P', 'yes'))], {}, { port_not_covered: 1 }, 2],
  ['ports that nobody tells', [host('h', info('', 'P', 'yes'))], {}, { port_not_covered: 1 }, 2],
  ['other ports that cover it', [host('h', info('1-9000', 'P', 'yes'))], {}, {}, 3],
  ['the port was seen', [host('h', info('1-1024', 'P', 'yes'), { port: 8443, pluginId: 11 })], {}, {}, 3],
  ['another policy', [host('h', info('1-65535', 'Q', 'yes'))], {}, { plugin_not_covered: 3 }, 0],
  ['a wide policy', [host('h', info('1-65535', 'Advanced Scan', 'yes'))], {}, { plugin_not_covered: 1 }, 2],
  [
    'the plugin ran elsewhere',
    [host('h', info('1-65535', 'Q', 'yes')), host('i', info('1-65535', 'Q', 'yes'), odd)],
    {},
    { plugin_not_covered: 2 },
    1,
  ],
])('%s', async (_, after, expectation, reasons, fixed) => {
  await using workshop = await openWorkshop()
  const old = await workshop.put(writtenReport(before))
  const current = await workshop.put(writtenReport(after))
  await workshop.reports.build(current, expectation)
  const { counts, not_retested, not_retested_reasons } = await workshop.reports.compare(old, current)
  expect(not_retested_reasons).toEqual(reasons)
  expect(counts.fixed).toBe(fixed)
  expect(counts.fixed + counts.persisting + counts.not_retested).toBe(3)
  for (const { why } of not_retested) expect(why).not.toBe('')
})

test.each<[string, string | undefined, string, string, number]>([
  ['combined', 'combined', 'yes', 'no', 0],
  ['of a type nobody knows', 'new_kind', 'yes', 'no', 0],
  ['of no type', undefined, 'yes', 'no', 0],
  ['remote', 'remote', 'yes', 'no', 1],
  ['combined, found without a login', 'combined', 'no', 'no', 1],
  ['combined, found while nobody told of a login', 'combined', '?', '?', 0],
])('a plugin that is %s counts as fixed when the login is %s, then %s: %i', async (_, type, then, now, fixed) => {
  await using workshop = await openWorkshop()
  const item = { severity: 3, pluginId: 9, children: type === undefined ? [] : [['plugin_type', type] as const] }
  const old = await workshop.put(writtenReport([host('h', info('1-10', 'P', then), item)]))
  const current = await workshop.put(writtenReport([host('h', info('1-10', 'P', now))]))
  expect((await workshop.reports.compare(old, current)).counts).toMatchObject({ fixed, not_retested: 1 - fixed })
})

const families = (status: string): string =>
  `<Policy><policyName>P</policyName><FamilySelection><FamilyItem><FamilyName>SCADA</FamilyName><Status>${status}</Status></FamilyItem></FamilySelection></Policy>`
test.each([
  ['enabled', 'enabled', 1],
  ['enabled', 'mixed', 0],
  ['mixed', 'mixed', 1],
  ['enabled', 'disabled', 0],
])('a family that was %s and is now %s: fixed %i', async (then, now, fixed) => {
  await using workshop = await openWorkshop()
  const old = await workshop.put(writtenReport([host('h', same, odd)], families(then)))
  const current = await workshop.put(writtenReport([host('h', same)], families(now)))
  expect((await workshop.reports.compare(old, current)).counts.fixed).toBe(fixed)
})

test('a merged report that has the host twice is enough when one look meets all conditions, not when two meet half each', async () => {
  await using workshop = await openWorkshop()
  const old = await workshop.put(writtenReport([host('h', same, remote, local)]))
  const half = await workshop.put(
    writtenReport([host('h', info('1-1024', 'P', 'yes')), host('h', info('1-65535', 'P', 'no'))]),
  )
  expect((await workshop.reports.compare(old, half)).counts).toMatchObject({ fixed: 2, not_retested: 0 })
  const both = { severity: 3, pluginId: 9, port: 8443, children: [['plugin_type', 'combined']] as [string, string][] }
  const older = await workshop.put(writtenReport([host('h', same, both)]))
  expect((await workshop.reports.compare(older, half)).counts).toMatchObject({ fixed: 0, not_retested: 1 })
})

test('in a report of several policies, what ran under one says nothing of a host under another', async () => {
  await using workshop = await openWorkshop()
  const old = await workshop.put(writtenReport([host('h', same, odd), host('i', same, odd)]))
  const mixed = await workshop.put(
    writtenReport([host('h', info('1-65535', 'Host Discovery', 'yes')), host('i', same, odd)]),
  )
  const { counts, not_retested_reasons } = await workshop.reports.compare(old, mixed)
  expect(counts).toMatchObject({ persisting: 1, fixed: 0, not_retested: 1 })
  expect(not_retested_reasons).toEqual({ plugin_not_covered: 1 })
})

test('a host that is written twice, then once, has nothing fixed', async () => {
  await using workshop = await openWorkshop()
  const old = await workshop.put(writtenReport([host('h', same, remote), host('h', same, remote, odd)]))
  const current = await workshop.put(writtenReport([host('h', same, remote, odd)]))
  const { counts } = await workshop.reports.compare(old, current)
  expect(counts).toMatchObject({ persisting: 2, fixed: 0, new: 0, hosts_in_both: 1 })
  expect((await workshop.reports.facts(old)).hosts_scanned).toBe(1)
})

test('a machine that only its short name tells, at another address, has nothing fixed', async () => {
  await using workshop = await openWorkshop()
  const at = (name: string, ip: string, ...items: WrittenItem[]): WrittenHost =>
    tagged(name, { ...times, 'host-ip': ip }, same, ...items)
  const put = async (name: string, ip: string, ...items: WrittenItem[]): Promise<string> =>
    workshop.put(writtenReport([at(name, ip, ...items)]))
  const printer = await put('printer', '10.0.0.1', odd, remote)
  const { counts, not_retested_reasons } = await workshop.reports.compare(
    printer,
    await put('printer', '10.0.0.2', odd),
  )
  expect(counts).toMatchObject({ persisting: 1, fixed: 0, not_retested: 1 })
  expect(not_retested_reasons).toEqual({ host_moved: 1 })
})

test('the older report given as the newer one is told first, and the lists say what they leave out', async () => {
  await using workshop = await openWorkshop()
  const many = Array.from({ length: 5 }, (_, index) => ({ ...odd, port: index + 1 }))
  const newer = await workshop.put(writtenReport([host('h', same, ...many)]))
  const older = await workshop.put(writtenReport([tagged('h', earlier, same, ...many)]))
  const { reports } = workshop
  const comparison = await reports.compare(newer, older, { limit: 2 })
  expect(comparison.warnings[0]).toContain('older by the reports')
  expect(comparison.dates).toEqual({ old: '2026-11-02T10:00:00', new: '2026-11-01T10:00:00' })
  expect(comparison.persisting).toHaveLength(2)
  expect(comparison.counts.persisting).toBe(5)
  expect(comparison.cut).toEqual({ persisting: 3 })
  expect((await reports.compare(older, newer)).warnings).toEqual([])
})

test('new, persisting and changed are told apart, whatever the output says', async () => {
  await using workshop = await openWorkshop()
  const old = await workshop.put(writtenReport([host('h', remote, odd)]))
  const louder = { ...remote, severity: 4, children: [['plugin_output', 'now different']] as [string, string][] }
  const current = await workshop.put(
    writtenReport([host('H', { ...odd, children: [] }, louder, local), host('new', odd)]),
  )
  const comparison = await workshop.reports.compare(old, current)
  expect(comparison.counts).toMatchObject({ new: 2, new_on_new_hosts: 1, persisting: 2, severity_changed: 1, fixed: 0 })
  expect(comparison.persisting).toHaveLength(2)
  expect(comparison.severity_changed[0]).toMatchObject({ id: 'H/8443/tcp/5/1', severity_before: 3, severity: 4 })
  expect(comparison.hosts).toEqual({ added: ['new'], gone: [] })
})

test('a search answers by CVE, plugin, host, port and text, and finds everything when nothing is asked', async () => {
  await using workshop = await openWorkshop()
  const cve: WrittenItem = {
    severity: 4,
    pluginId: 9,
    port: 443,
    name: 'Log4Shell',
    children: [
      ['cve', 'CVE-2021-44228'],
      ['cve', 'CVE-2021-45046'],
    ],
  }
  const taskId = await workshop.put(
    writtenReport([{ name: 'web', tags: { 'host-ip': '10.1.2.3' }, items: [cve, remote] }, host('db', cve)]),
  )
  const { reports } = workshop
  expect(await reports.search(taskId, { cve: 'cve-2021-44228' })).toMatchObject({ total: 2, hosts: 2 })
  expect(await reports.search(taskId, { cve: 'CVE-2021-4422' })).toMatchObject({ total: 0 })
  expect(await reports.search(taskId, { host: '10.1.2.0/24', pluginId: 9 })).toMatchObject({ total: 1 })
  expect(await reports.search(taskId, { host: 'WEB', severityMin: 4 })).toMatchObject({ total: 1 })
  expect(await reports.search(taskId, { port: 8443 })).toMatchObject({
    total: 1,
    findings: [{ id: 'web/8443/tcp/5/1' }],
  })
  expect(await reports.search(taskId, { text: 'log4' })).toMatchObject({ total: 2 })
  expect(await reports.search(taskId, {})).toMatchObject({ total: 3, hosts: 2 })
  await expect(reports.search(taskId, { cve: 'log4j' })).rejects.toThrow('cve: expected the form')
})
