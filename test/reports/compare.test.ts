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
const host = (name: string, ...items: WrittenItem[]): WrittenHost => ({ name, items })
const before = [host('h', info('default', 'P', 'yes'), remote, local, odd)]

test.each<[string, WrittenHost[], Expectation, Record<string, number>, number]>([
  ['same conditions: all fixed', [host('h', info('default', 'P', 'yes'))], {}, {}, 3],
  ['host not seen', [host('other')], {}, { host_not_seen: 3 }, 0],
  [
    'host dead',
    [host('h', { pluginId: 10_180, children: [['plugin_output', 'considered as dead']] })],
    {},
    { host_unreachable: 3 },
    0,
  ],
  ['scan aborted', [host('h', info('default', 'P', 'yes'))], { scanStatus: 'aborted' }, { scan_unfinished: 3 }, 0],
  ['login lost', [host('h', info('default', 'P', 'no'))], {}, { credentials_lost: 1 }, 2],
  ['fewer ports', [host('h', info('1-1024', 'P', 'yes'))], {}, { port_not_covered: 1 }, 2],
  ['other ports that cover it', [host('h', info('1-9000', 'P', 'yes'))], {}, {}, 3],
  ['other policy without the family', [host('h', info('default', 'Q', 'yes'))], {}, { plugin_not_covered: 1 }, 2],
])('%s', async (_, after, expectation, reasons, fixed) => {
  await using workshop = await openWorkshop()
  const old = await workshop.put(writtenReport(before))
  const current = await workshop.put(writtenReport(after))
  await workshop.reports.build(current, expectation)
  const comparison = await workshop.reports.compare(old, current)
  expect(comparison.not_retested_reasons).toEqual(reasons)
  expect(comparison.counts.fixed).toBe(fixed)
  expect(comparison.counts.not_retested).toBe(3 - fixed)
})

test('new, persisting and changed are told apart, whatever the output says', async () => {
  await using workshop = await openWorkshop()
  const old = await workshop.put(writtenReport([host('h', remote, odd)]))
  const louder = { ...remote, severity: 4, children: [['plugin_output', 'now different']] as [string, string][] }
  const current = await workshop.put(
    writtenReport([host('h', { ...odd, children: [] }, louder, local), host('new', odd)]),
  )
  const comparison = await workshop.reports.compare(old, current)
  expect(comparison.counts).toMatchObject({ new: 2, new_on_new_hosts: 1, persisting: 2, severity_changed: 1, fixed: 0 })
  expect(comparison.severity_changed[0]).toMatchObject({ id: 'h/8443/tcp/5/1', severity_before: 3, severity: 4 })
  expect(comparison.hosts).toEqual({ added: ['new'], gone: [] })
})

test('a search answers by CVE, plugin, host, port and text, and refuses to search for nothing', async () => {
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
  await expect(reports.search(taskId, {})).rejects.toThrow('expected at least one of')
  await expect(reports.search(taskId, { cve: 'log4j' })).rejects.toThrow('cve: expected the form')
})
