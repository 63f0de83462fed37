/** Goal: what plugins tell of software, certificates, accounts and the like is asked as findings are; odd text makes no row and is counted. */
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { crc32 } from 'node:zlib'
import { describe, expect, test } from 'vitest'
import { silentLog } from '../../lib/base/log.ts'
import { INVENTORY } from '../../lib/reports/inventory/kinds.ts'
import { INVENTORY_PLUGINS } from '../../lib/reports/inventory/plugins.ts'
import { checkQuestion } from '../../lib/reports/question/question.ts'
import { makeReports } from '../../lib/reports/reports.ts'
import { openWorkshop, type Workshop } from './support/workshop.ts'
import { writtenReport, type WrittenItem } from './support/written-report.ts'

const DATES = { HOST_START: 'Mon Mar  2 10:00:00 2026', HOST_END: 'Mon Mar  2 10:10:00 2026' }
const told = (pluginId: number, output: string, more: Partial<WrittenItem> = {}): WrittenItem => ({
  pluginId,
  children: [['plugin_output', output]],
  ...more,
})

const CERTIFICATE = (until: string): string =>
  `Subject Name: \n\nCommon Name: www.example.org\n\nIssuer Name: \n\nOrganization: Example CA\n\nSerial Number: 01 \n\nNot Valid Before: Mar  1 00:00:00 2025 GMT\nNot Valid After: ${until}\n\nKey Length: 2048 bits\n`

const LOGGED_IN = {
  name: 'in01',
  tags: { 'host-ip': '192.0.2.1', Credentialed_Scan: 'true', ...DATES },
  items: [
    told(19506, 'Nessus version : 10.9.9\nCredentialed checks : yes\nPort range : 1-1024\n'),
    told(
      22869,
      'Here is the list of packages:\n\n  ii   acl  2.2.53-6  amd64  Access control lists\n  ii   libacl1:amd64  2.2.53-6  amd64  Library\n  rc   gone  1.0  amd64  Removed\n',
    ),
    told(
      20811,
      '\nThe following software are installed on the remote host :\n\nPuTTY release 0.70 (64-bit)  [version 0.70.0.0]  [installed on 2017/09/04]\nTool without version\n\nThe following updates are installed :\n\nKB1  [version 9]\n',
    ),
    told(
      95928,
      '\n-----[ User Accounts ]-----\n\nUser         : ann\nGroups       : users\n               sudo\n\n-----[ System Accounts ]-----\n\nUser         : daemon\nGroups       : daemon\n',
    ),
    told(10863, CERTIFICATE('Mar 12 09:00:00 2026 GMT'), { port: 443, svc: 'www' }),
    told(
      66334,
      '\n. You need to take the following 2 actions :\n\n+ Install the following Microsoft patches :\n- KB4011574 (5 vulnerabilities)\n\n[ Old Flash (117410) ]\n\n+ Action to take : Upgrade to Flash 31\nor later.\n\n+Impact : much\n',
    ),
    told(22964, 'A web server is running on this port through TLSv1.2.\n', { port: 443, svc: 'www' }),
  ],
}
const OUTSIDE = {
  name: 'out01',
  tags: { 'host-ip': '192.0.2.2', ...DATES },
  items: [
    told(19506, 'Credentialed checks : no\n'),
    told(10863, CERTIFICATE('Feb 28 09:00:00 2026 GMT'), { port: 8443, svc: 'www' }),
    told(10267, 'SSH version : SSH-2.0-OpenSSH_7.6p1 Ubuntu-4\n', { port: 22, svc: 'ssh' }),
    told(11936, '\nRemote operating system : Linux 5\nConfidence level : 80\nMethod : SSH\n'),
  ],
}

const ask = (workshop: Workshop, taskId: string, question: object) =>
  workshop.reports.ask([{ taskId, look: { task_id: taskId, scan: 'it', at: null } }], checkQuestion(question))

async function answered(question: object, hosts = [LOGGED_IN, OUTSIDE]) {
  await using workshop = await openWorkshop()
  return await ask(workshop, await workshop.put(writtenReport(hosts)), question)
}

describe('what plugins tell', () => {
  test.each([
    ['a package, whole word', { of: 'software', where: { software: 'acl' } }, [['acl', '2.2.53-6', 1]]],
    [
      'any part of a name',
      { of: 'software', where: { software: '*acl*' } },
      [
        ['acl', '2.2.53-6', 1],
        ['libacl1', '2.2.53-6', 1],
      ],
    ],
    ['the whole name', { of: 'software', where: { software: '=putty' } }, []],
    [
      'programs, updates apart',
      { of: 'software', where: { plugin_id: 20811 } },
      [
        ['PuTTY release 0.70 (64-bit)', '0.70.0.0', 1],
        ['Tool without version', '(none)', 1],
      ],
    ],
    ['a product seen from outside', { of: 'products', where: { host: 'out01' } }, [['OpenSSH', '7.6p1', 1]]],
    [
      'certificates, the first to expire first',
      { of: 'certificates', group_by: ['expires', 'host', 'days_left'] },
      [
        ['2026-02-28T09:00:00Z', 'out01', -3, 1],
        ['2026-03-12T09:00:00Z', 'in01', 9, 1],
      ],
    ],
    ['who may do everything', { of: 'accounts', where: { trait: 'member of sudo' } }, [['ann', 'member of sudo', 1]]],
    ['services', { of: 'listeners', group_by: ['port', 'listener', 'through'] }, [[443, 'web server', 'TLSv1.2', 1]]],
    ['systems', { of: 'systems', where: { confidence: '>=80' } }, [['Linux 5', 80, 'SSH', 1]]],
    [
      'patches',
      { of: 'patches' },
      [
        ['Install KB4011574', 1],
        ['Upgrade to Flash 31 or later.', 1],
      ],
    ],
    [
      'hosts, with findings or without',
      { of: 'scanned_hosts', group_by: ['host', 'host_login', 'host_minutes'] },
      [
        ['in01', 'success', 10, 1],
        ['out01', 'not_applicable', 10, 1],
      ],
    ],
    [
      'with which scanner',
      { of: 'scanned_hosts', where: { host: 'in01' }, group_by: 'host_scanner_version' },
      [['10.9.9', 1]],
    ],
    ['by login', { of: 'software', group_by: 'host_login', measure: 'items' }, [['success', 4]]],
  ])('%s', async (_what, question, rows) => {
    expect((await answered(question)).rows).toEqual(rows)
  })

  test('a version is one call and few characters', async () => {
    const answer = await answered({ of: 'software', where: { host: 'in01', software: 'acl' } })
    expect(JSON.stringify(answer).length).toBeLessThan(1600)
    expect(answer.untrusted_text).toEqual(['software', 'version'])
  })

  test('each kind is read by a plugin of the table, and each plugin tells of a known kind', () => {
    const kinds = [...INVENTORY_PLUGINS.values()].map(({ kind }) => kind)
    expect([...new Set(kinds)].sort()).toEqual(Object.keys(INVENTORY).sort())
  })
})

describe('what cannot be said', () => {
  test('of hosts without a login, nothing is said of their software', async () => {
    const answer = await answered({ of: 'software', where: { host: 'out01' } })
    expect(answer.cannot_say).toEqual(['no plugin tells of software on out01: nobody was logged in there'])
  })

  test('none among some hosts is no answer for the others; one is an answer, with the others named', async () => {
    expect((await answered({ of: 'software', where: { software: 'nosuch' } })).cannot_say?.[0]).toMatch(
      /software on out01/,
    )
    const found = await answered({ of: 'software', where: { software: 'acl' } })
    expect([found.cannot_say, found.unseen['hosts_without_login']?.names]).toEqual([undefined, ['out01']])
  })

  test('a host that was logged in to and needs no patch has none', async () => {
    const quiet = { ...LOGGED_IN, items: LOGGED_IN.items.filter(({ pluginId }) => pluginId !== 66334) }
    const answer = await answered({ of: 'patches' }, [quiet])
    expect([answer.n, answer.cannot_say]).toEqual([0, undefined])
  })

  test('text that is not understood makes no row, and its host is named', async () => {
    const odd = {
      ...OUTSIDE,
      items: [told(22869, 'no list here\n   what is this\n'), told(10863, CERTIFICATE('soon'), { port: 443 })],
    }
    const software = await answered({ of: 'software' }, [odd])
    expect([software.n, software.unseen['hosts_with_unread_text']?.names]).toEqual([0, ['out01']])
    expect((await answered({ of: 'certificates' }, [odd])).cannot_say?.join()).toMatch(/not understood/)
  })

  test('what a host makes too long or not plain is not taken in', async () => {
    const lines = [`  ii   ${'x'.repeat(300)}  1.0  all  x`, `  ii   ok  1.0  all  x`, `  ii   ${'y'.repeat(5000)}`]
    const answer = await answered({ of: 'software' }, [{ ...LOGGED_IN, items: [told(22869, lines.join('\n'))] }])
    expect([answer.rows, answer.unseen['hosts_with_unread_text']?.count]).toEqual([[['ok', '1.0', 1]], 1])
  })
})

describe('a question that is not understood', () => {
  test.each([
    [{ of: 'software', where: { cve: 'CVE-2021-44228' } }, /software has no field "cve"; it is a field of findings/],
    [{ where: { software: 'acl' } }, /findings have no field "software"; it is a field of "of": "software"/],
    [{ of: 'software', where: { sofware: 'acl' } }, /did you mean software/],
    [{ of: 'scanned_hosts', where: { host_login: 'yes' } }, /one of success, partial, failed/],
    [{ of: 'software', measure: 'cves' }, /expected items, hosts, plugins/],
    [{ of: 'software', where: { software: '>1' } }, /whole words/],
    [{ of: 'plugins', having: { findings: 0 } }, /"of": "hosts" grouped by host/],
  ])('%j', async (question, says) => {
    await expect(answered(question)).rejects.toThrow(says)
  })
})

test('hosts on which nothing of a kind was found', async () => {
  const vulnerable = { ...LOGGED_IN, items: [...LOGGED_IN.items, { pluginId: 1, severity: 3, name: 'Old RC4' }] }
  const answer = await answered({ of: 'hosts', where: { plugin_name: 'RC4' }, having: { findings: 0 } }, [
    vulnerable,
    OUTSIDE,
  ])
  expect([answer.n, answer.rows]).toEqual([1, [['out01', 0, null]]])
})

test('a field that the report has nowhere is told: none with it is no surprise', async () => {
  const { n, unseen } = await answered({ where: { unsupported_by_vendor: true } })
  expect([n, unseen['fields_not_in_report']?.names]).toEqual([0, ['unsupported_by_vendor']])
})

test('a store of an older format is rebuilt from the report', async () => {
  await using workshop = await openWorkshop()
  const taskId = await workshop.put(writtenReport([LOGGED_IN]))
  await workshop.reports.build(taskId)
  const path = join(workshop.dataDir, taskId, 'findings.store')
  const older = Buffer.from((await readFile(path)).toString('latin1').replace('"format":3', '"format":2'), 'latin1')
  const footer = older.subarray(-16 - older.readUInt32LE(older.length - 16), -16)
  older.writeUInt32LE(crc32(footer), older.length - 12)
  await writeFile(path, older)
  const fresh = makeReports({ dataDir: workshop.dataDir, cacheBytesMax: 1_000_000, log: silentLog })
  const look = { task_id: taskId, scan: 'it', at: null }
  expect((await fresh.ask([{ taskId, look }], checkQuestion({ of: 'software' }))).n).toBe(4)
})
