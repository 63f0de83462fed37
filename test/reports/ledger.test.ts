/** The ledger over real reports in a data directory: the nine situations in which tickets go wrong, and what happens to files. */
import { readdir, rm, truncate, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { silentLog } from '../../lib/base/log.ts'
import { makeReports } from '../../lib/reports/reports.ts'
import { checkQuestion, type QuestionInput } from '../../lib/reports/question/question.ts'
import { openWorkshop, type Workshop } from './support/workshop.ts'
import { type WrittenHost, type WrittenItem, writtenReport } from './support/written-report.ts'

const NOW = new Date('2026-04-01T12:00:00Z')
const FLAW: WrittenItem = {
  severity: 3,
  pluginId: 155_999,
  port: 443,
  name: 'Log4Shell',
  family: 'Misc.',
  children: [
    ['plugin_type', 'remote'],
    ['cve', 'CVE-2021-44228'],
  ],
}
const LOCAL: WrittenItem = {
  ...FLAW,
  pluginId: 160_000,
  port: 0,
  name: 'Old polkit',
  children: [['plugin_type', 'local']],
}

interface Look {
  readonly name?: string
  readonly ip?: string
  readonly mac?: string
  readonly login?: boolean
  readonly policy?: string
  readonly range?: string
  readonly isUnfinished?: boolean
  readonly hour?: number
}

function host(day: number, items: readonly WrittenItem[], look: Look = {}): WrittenHost {
  const { ip = '192.0.2.10', login = true, policy = 'Basic Network Scan', range = '1-65535', hour = 8 } = look
  const output = `Nessus version : 10.8.3\nScan type : Normal\nScan policy used : ${policy}\nPort range : ${range}\nCredentialed checks : ${login ? 'yes' : 'no'}`
  const info = {
    pluginId: 19_506,
    name: 'Nessus Scan Information',
    family: 'Settings',
    children: [['plugin_output', output]],
  } as const
  const signs: WrittenItem[] = login
    ? [
        {
          pluginId: 141_118,
          name: 'Target Credential Status by Authentication Protocol - Valid Credentials Provided',
          children: [['plugin_output', 'Nessus was able to log in']],
        },
        {
          pluginId: 117_887,
          name: 'OS Security Patch Assessment Available',
          children: [['plugin_output', 'OS Security Patch Assessment is available']],
        },
      ]
    : []
  const at = (of: number): string => `Sun Mar ${String(day).padStart(2)} ${String(of).padStart(2, '0')}:00:00 2026`
  return {
    name: look.name ?? ip,
    tags: {
      'host-ip': ip,
      ...(look.mac && { 'mac-address': look.mac }),
      HOST_START: at(hour),
      ...(look.isUnfinished ? {} : { HOST_END: at(hour + 1) }),
    },
    items: [info, ...signs, ...items],
  }
}

describe('the ledger', () => {
  let shop: Workshop
  beforeEach(async () => {
    shop = await openWorkshop()
  })
  afterEach(() => shop[Symbol.asyncDispose]())

  const enter = async (hosts: readonly WrittenHost[]): Promise<string> => {
    const taskId = await shop.put(writtenReport(hosts))
    await shop.reports.build(taskId)
    await shop.reports.ledger.enter({ task_id: taskId, name: 'Weekly' })
    return taskId
  }
  const ask = (question: QuestionInput) => shop.reports.ledger.ask(checkQuestion({ of: 'lives', ...question }), NOW)
  /** Host, plugin, and what is asked of each life. */
  const lives = async (...fields: string[]) =>
    (await ask({ group_by: ['host', 'plugin_id', ...fields].slice(0, 3) })).rows
  const states = async () => (await ask({})).rows.map(([state, count]) => `${state} ${count}`)

  test('1. what was fixed is closed, by the scan that proved it', async () => {
    await enter([host(1, [FLAW])])
    const second = await enter([host(8, [])])
    expect(await states()).toEqual(['fixed 1'])
    expect((await ask({ group_by: ['fixed_at', 'fixed_by', 'days_to_fix'] })).rows).toEqual([
      ['2026-03-08', second, 7, 1],
    ])
    expect((await ask({ group_by: 'severity', measure: 'mean days_to_fix' })).rows).toEqual([['High', 7]])
  })

  test('2. an open finding is not closed by a scan of other hosts', async () => {
    await enter([host(1, [FLAW])])
    await enter([host(8, [], { ip: '192.0.2.99' })])
    expect(await states()).toEqual(['open 1'])
    expect((await ask({ where: { last_looked_for: 'older than 14 days' } })).n).toBe(1)
    expect((await ask({ where: { days_unlooked: '>=31' } })).n).toBe(1)
    expect((await ask({ where: { days_unlooked: '>31' } })).n).toBe(0)
  })

  test('3. a login that failed leaves a local finding not retested, and says since when and why', async () => {
    await enter([host(1, [LOCAL])])
    await enter([host(8, [], { login: false })])
    await enter([host(15, [], { login: false })])
    expect((await ask({ group_by: ['state', 'not_retested_since', 'why'] })).rows).toEqual([
      ['not_retested', '2026-03-08', 'credentials_lost', 1],
    ])
    await enter([host(22, [])])
    expect(await states()).toEqual(['fixed 1'])
  })

  test('4. a plugin that did not run proves nothing, nor does a port that was not scanned or a host that did not finish', async () => {
    await enter([host(1, [FLAW])])
    await enter([host(8, [], { policy: 'Host Discovery' })])
    expect((await lives('why')).map(([, , why]) => why)).toEqual(['plugin_not_covered'])
    await enter([host(9, [], { range: '1-100', login: false })])
    expect((await lives('why')).map(([, , why]) => why)).toEqual(['port_not_covered'])
    await enter([host(10, [], { isUnfinished: true })])
    expect((await lives('why')).map(([, , why]) => why)).toEqual(['host_unfinished'])
    expect(await states()).toEqual(['not_retested 1'])
  })

  test('5. a host that was renamed keeps its findings, however it is asked for', async () => {
    await enter([host(1, [FLAW], { name: 'web01', mac: '00:50:56:aa:bb:01' })])
    await enter([host(8, [FLAW], { name: 'shop', ip: '192.0.2.77', mac: '00:50:56:aa:bb:01' })])
    expect(await states()).toEqual(['open 1'])
    expect((await lives('first_seen'))[0]).toEqual(['shop', 155_999, '2026-03-01', 1])
    expect((await ask({ where: { host: 'web01' } })).n).toBe(1)
  })

  test('6. another machine at the same address closes nothing, and has findings of its own', async () => {
    await enter([host(1, [FLAW], { mac: '00:50:56:aa:bb:01' })])
    await enter([host(8, [LOCAL], { mac: '00:50:56:aa:bb:02' })])
    expect(await states()).toEqual(['open 2'])
    expect((await ask({})).hosts).toBe(2)
  })

  test('6b. a machine known by its short name alone, at another address, closes nothing at any later look', async () => {
    await enter([host(1, [FLAW], { name: 'db01' })])
    await enter([host(8, [], { name: 'db01', ip: '192.0.2.55' })])
    await enter([host(15, [], { name: 'db01', ip: '192.0.2.55' })])
    expect((await lives('why')).map(([, , why]) => why)).toEqual(['host_moved'])
  })

  test('7. another severity is the same finding', async () => {
    await enter([host(1, [FLAW])])
    await enter([host(8, [{ ...FLAW, severity: 4 }])])
    expect((await ask({ group_by: ['severity', 'first_seen', 'state'] })).rows).toEqual([
      ['Critical', '2026-03-01', 'open', 1],
    ])
  })

  test('8. what came back after its fix says so, and since when it is there again', async () => {
    await enter([host(1, [FLAW])])
    await enter([host(8, [])])
    await enter([host(22, [FLAW])])
    expect((await ask({ where: { returned: '>=1' }, group_by: ['state', 'first_seen', 'open_since'] })).rows).toEqual([
      ['open', '2026-03-01', '2026-03-22', 1],
    ])
    // The trend: there at the end of the first week and of the last ones, not between.
    const weeks = await ask({ group_by: 'open_in_week', order: 'open_in_week' })
    expect(weeks.rows.map(([week]) => week)).toEqual(['2026-02-23', '2026-03-16', '2026-03-23', '2026-03-30'])
  })

  test('9. a scan that is deleted leaves what it found in the ledger (LG1)', async () => {
    const first = await enter([host(1, [FLAW])])
    await shop.reports.remove(first)
    await enter([host(8, [])])
    expect(await states()).toEqual(['fixed 1'])
  })

  test('a scan that is taken back is as if it had never been, and stays out (RF2)', async () => {
    await enter([host(1, [FLAW])])
    const mistaken = await enter([host(8, [])])
    expect(await states()).toEqual(['fixed 1'])
    expect(await shop.reports.ledger.takeBack(mistaken)).toBe(true)
    expect(await states()).toEqual(['open 1'])
    expect(await shop.reports.ledger.enter({ task_id: mistaken, name: 'Weekly' })).toBe(false)
    expect(await shop.reports.ledger.notEntered([{ task_id: mistaken, name: '', sha256: undefined }])).toEqual([])
    expect(await states()).toEqual(['open 1'])
  })

  test('an older report that comes later goes in where it belongs', async () => {
    await enter([host(8, [])])
    await enter([host(22, [FLAW])])
    expect((await lives('returned'))[0]).toEqual(['192.0.2.10', 155_999, 0, 1])
    await enter([host(1, [FLAW])])
    expect((await lives('returned'))[0]).toEqual(['192.0.2.10', 155_999, 1, 1])
  })

  test('of two looks in one minute neither proves a fix against the other', async () => {
    await enter([host(1, [FLAW])])
    await enter([host(1, [])])
    expect((await ask({ where: { state: 'fixed' } })).n).toBe(0)
  })

  test('a report from the future is told, and does not count before its day', async () => {
    await enter([host(1, [FLAW])])
    const ahead = await shop.put(writtenReport([host(8, [])]).replaceAll('2026', '2027'))
    await shop.reports.build(ahead)
    await shop.reports.ledger.enter({ task_id: ahead, name: 'Clock' })
    const answer = await ask({})
    expect(answer.rows).toEqual([['open', 1, 1]])
    expect(answer.unseen['scans_ahead_of_their_date']).toEqual({ count: 1, names: [ahead] })
    const later = new Date('2027-04-01T00:00:00Z')
    expect((await shop.reports.ledger.ask(checkQuestion({ of: 'lives' }), later)).rows).toEqual([['fixed', 1, 1]])
  })

  test('a host that was to be scanned and is not in the report is gone since then, until it is seen again', async () => {
    const policy =
      '<Policy><policyName>Basic Network Scan</policyName><Preferences><ServerPreferences><preference><name>TARGET</name><value>192.0.2.0/24</value></preference></ServerPreferences></Preferences></Policy>'
    const put = async (hosts: readonly WrittenHost[]) => {
      const taskId = await shop.put(writtenReport(hosts, policy))
      await shop.reports.build(taskId)
      await shop.reports.ledger.enter({ task_id: taskId, name: 'Net' })
    }
    await put([host(1, [FLAW])])
    await put([host(8, [], { ip: '192.0.2.11' })])
    expect((await ask({ group_by: ['state', 'gone_since'] })).rows).toEqual([['host_gone', '2026-03-08', 1]])
    await put([host(15, [FLAW])])
    expect(await states()).toEqual(['open 1'])
  })

  test('whatever a crash leaves behind, the next answer is right (LG3, RF1)', async () => {
    await enter([host(1, [FLAW])])
    const second = await enter([host(8, [])])
    const folder = join(shop.dataDir, 'ledger')
    const records = await readdir(folder)
    const whole = await states()
    // A draft that never got its name, of a record and of the lives; lives that were cut short; none at all.
    await writeFile(join(folder, `${records[0]}.1234.part`), 'half')
    await writeFile(join(shop.dataDir, 'ledger.lives.1234.part'), 'half')
    expect(await reopened()).toEqual(whole)
    await truncate(join(shop.dataDir, 'ledger.lives'), 40)
    expect(await reopened()).toEqual(whole)
    await rm(join(shop.dataDir, 'ledger.lives'))
    expect(await reopened()).toEqual(whole)
    // Marked as taken back, and the record not removed yet.
    await writeFile(join(folder, `${second}.taken-back`), '')
    expect(await reopened()).toEqual(['open 1'])
  })

  const reopened = async (): Promise<string[]> => {
    const other = makeReports({ dataDir: shop.dataDir, cacheBytesMax: 1024 * 1024, log: silentLog })
    const { rows } = await other.ledger.ask(checkQuestion({ of: 'lives' }), NOW)
    return rows.map(([state, count]) => `${state} ${count}`)
  }

  test('a record that was damaged is told, and made again from its report (LR1)', async () => {
    const first = await enter([host(1, [FLAW])])
    const folder = join(shop.dataDir, 'ledger')
    const [record] = await readdir(folder)
    await truncate(join(folder, record!), 30)
    expect(await reopened()).toEqual([])
    const answer = await ask({})
    expect(answer.unseen['scans_damaged']).toEqual({ count: 1, names: [first] })
    const missing = await shop.reports.ledger.notEntered([{ task_id: first, name: 'Weekly', sha256: undefined }])
    expect(missing.map(({ task_id }) => task_id)).toEqual([first])
    await shop.reports.ledger.enter(missing[0]!)
    expect((await ask({})).unseen['scans_damaged']).toBeUndefined()
    expect(await states()).toEqual(['open 1'])
  })

  test('a second copy of a report changes nothing, and may be the one that stays', async () => {
    const copy = writtenReport([host(1, [FLAW])])
    const both: string[] = []
    for (const content of [copy, copy]) {
      const taskId = await shop.put(content)
      await shop.reports.build(taskId)
      await shop.reports.ledger.enter({ task_id: taskId, name: 'Twice' })
      both.push(taskId)
    }
    expect((await ask({})).looks.map(({ task_id }) => task_id)).toEqual([both[0]])
    await shop.reports.ledger.takeBack(both[0]!)
    expect((await ask({})).looks.map(({ task_id }) => task_id)).toEqual([both[1]])
  })

  test('a field of lives asked of findings is told where it belongs', async () => {
    const taskId = await enter([host(1, [FLAW])])
    const look = { task_id: taskId, scan: 'one', at: null }
    const asked = shop.reports.ask([{ taskId, look }], checkQuestion({ where: { fixed_at: '*' } }))
    await expect(asked).rejects.toThrow('it is a field of "of": "lives"')
    await expect(ask({ where: { state: 'closed' } })).rejects.toThrow('open, not_retested, host_gone, fixed')
  })
})
