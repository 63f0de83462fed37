/** Goal: a question over the latest looks is answered from the index as it is answered from all reports, and the index is never believed past what it was made of. */
import { existsSync, mkdirSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import type { Log } from '../../lib/base/log.ts'
import { silentLog } from '../../lib/base/log.ts'
import { makeLatestLooks } from '../../lib/reports/latest/latest-looks.ts'
import { makeReportShelf } from '../../lib/reports/report-shelf.ts'
import { makeReports } from '../../lib/reports/reports.ts'
import { checkQuestion } from '../../lib/reports/question/question.ts'
import { generateItem } from './support/generated-report.ts'
import { labelled } from './support/labelled.ts'
import { makeRandom, type Random } from './support/random.ts'
import { CACHE_BYTES_MAX, openWorkshop, type Workshop } from './support/workshop.ts'
import { type WrittenHost, type WrittenItem, writtenReport } from './support/written-report.ts'

const FLEETS = Number(process.env['FLEETS'] ?? 2)
const SCANS = 11

const day = (at: number): string => `Mon Mar ${String(1 + at).padStart(2, ' ')} 10:00:00 2026`

/** One scan of some hosts of a fleet whose names, addresses and luck change. */
function generateScan(random: Random, at: number): string {
  const hosts: WrittenHost[] = []
  for (let number = 0; number < 12; number++) {
    if (random.chance(0.7)) continue
    const ip = `10.0.0.${random.chance(0.1) ? 100 + random.below(5) : number}`
    const named = { 'host-ip': ip, 'host-fqdn': `srv${number}.example` }
    const tags = random.pick([
      { ...named, HOST_START: day(at), HOST_END: day(at) },
      { ...named, HOST_START: day(at), HOST_END: day(at), 'operating-system': 'Linux 5', Credentialed_Scan: 'true' },
      { ...named, HOST_START: day(at) },
      named,
    ])
    const dead: WrittenItem = {
      pluginId: 10_180,
      name: 'Ping the remote host',
      children: [['plugin_output', 'The remote host (10.0.0.1) is considered as dead - not scanning']],
    }
    const ports: WrittenItem = { pluginId: 11_219, port: 443, name: 'Nessus SYN scanner' }
    const items = random.chance(0.15)
      ? [dead]
      : [ports, ...Array.from({ length: random.below(6) }, () => generateItem(random))]
    const written = { name: random.pick([ip, `srv${number}.example`]), tags, items }
    hosts.push(written)
    if (random.chance(0.1)) hosts.push({ ...written, items: [generateItem(random)] })
  }
  return writtenReport(hosts)
}

const QUESTIONS = [
  { of: 'hosts' },
  { of: 'hosts', having: { findings: 0 } },
  { of: 'plugins', top: 1000 },
  { of: 'cves' },
  { of: 'ports', where: { host: '10.0.0.0/29' } },
  { of: 'fix_plan' },
  { of: 'fixes', where: { plugin_output: 'smb' } },
  { of: 'scanned_hosts' },
  { where: { cve: 'CVE-2021-44228', not: { port: 443 } }, group_by: ['scan', 'host'] },
  {
    where: { host: 'srv3.example' },
    group_by: 'plugin_family',
    measure: ['findings', 'hosts', 'max cvss3_base_score', 'kev'],
  },
  { of: 'software' },
  { of: 'services', where: { port: 8443 } },
  { group_by: 'os', measure: ['findings', 'sum cvss_score'] },
  { of: 'checks' },
].map((question) => checkQuestion(question))

/** Whatever the answer, it must not have come from somewhere else. */
const strictLog: Log = {
  ...silentLog,
  warn(said, about) {
    if (said.includes('of no use')) throw new Error(`${said}: ${JSON.stringify(about)}`)
  },
}

const index = (workshop: Workshop): string => join(workshop.dataDir, 'latest.looks')
const named = (ids: readonly string[]) => ids.map((id) => ({ task_id: id, scan: `scan ${id.slice(-4)}` }))

/** As every report answers that is read whole. */
async function fromReports(workshop: Workshop, ids: readonly string[], question: (typeof QUESTIONS)[number]) {
  const looks = await Promise.all(
    named(ids).map(async (scan) => {
      const { started_at: at } = await workshop.reports.facts(scan.task_id)
      return { taskId: scan.task_id, look: { ...scan, at } }
    }),
  )
  return workshop.reports.ask(looks, question, { latest: true })
}

/** The answers from the index, and those of the reports. */
async function bothOf(workshop: Workshop, ids: readonly string[]) {
  const both = []
  for (const question of QUESTIONS) {
    const { answer } = await workshop.reports.askLatest(named(ids), question)
    both.push({ question, answer, expected: await fromReports(workshop, ids, question) })
  }
  return both
}

const putScans = async (workshop: Workshop, seed: number): Promise<string[]> => {
  const random = makeRandom(seed)
  const ids: string[] = []
  for (let at = 0; at < SCANS; at++) ids.push(await workshop.put(generateScan(random, at)))
  return ids
}

test('the index answers every kind of question as the reports themselves do, also when scans come and go', async () => {
  for (let seed = 0; seed < FLEETS; seed++) {
    await using workshop = await openWorkshop(strictLog)
    const ids = await putScans(workshop, seed)
    // Newer ones come, and where some are deleted, their hosts were seen last by others again; an older one comes late.
    for (const asked of [ids.slice(0, SCANS - 2), ids, ids.toSpliced(SCANS - 2, 1).slice(1), ids.slice(1)]) {
      for (const { question, answer, expected } of await bothOf(workshop, asked)) {
        labelled(`seed ${seed}, ${asked.length} scans, ${JSON.stringify(question)}`, () =>
          expect(answer).toEqual(expected),
        )
      }
    }
  }
})

describe('the index', () => {
  const asked = checkQuestion({ of: 'plugins', top: 1000 })
  const fresh = (workshop: Workshop, log: Log = strictLog) =>
    makeReports({ dataDir: workshop.dataDir, cacheBytesMax: CACHE_BYTES_MAX, log })
  async function made() {
    const workshop = await openWorkshop(strictLog)
    const ids = await putScans(workshop, 1)
    const { answer } = await workshop.reports.askLatest(named(ids), asked)
    return { workshop, ids, answer }
  }
  const findingOnce = (pluginId: number, at = 20): string =>
    writtenReport([
      { name: '10.9.9.9', tags: { HOST_START: day(at), HOST_END: day(at) }, items: [{ pluginId, severity: 4 }] },
    ])

  test('is not written again while nothing changes, and is shared by processes', async () => {
    const { workshop, ids, answer } = await made()
    await using _ = workshop
    const before = readFileSync(index(workshop))
    expect((await fresh(workshop).askLatest(named(ids), asked)).answer).toEqual(answer)
    expect(readFileSync(index(workshop)).equals(before)).toBe(true)
  })

  test('goes on from what it knows when newer reports come: the older ones are not read again', async () => {
    const { workshop, ids } = await made()
    await using _ = workshop
    const newer = await workshop.put(findingOnce(424_242))
    const shelf = makeReportShelf({ dataDir: workshop.dataDir, cacheBytesMax: CACHE_BYTES_MAX, log: strictLog })
    const read = new Set<string>()
    const watched: typeof shelf = {
      ...shelf,
      head: (id) => (read.add(id), shelf.head(id)),
      use: (id, ask) => (read.add(id), shelf.use(id, ask)),
    }
    const looks = makeLatestLooks(workshop.dataDir, watched, strictLog)
    await using open = await looks.open(named([...ids, newer]))
    expect(open.resting.at(-1)?.look.task_id).toBe(newer)
    expect([...read]).toEqual([newer])
  })

  test('is made anew when a report was replaced (LF1)', async () => {
    const { workshop, ids } = await made()
    await using _ = workshop
    // Of the same day as the one before, so that only the state of its files tells them apart.
    await workshop.reports.receive(ids.at(-1)!, [Buffer.from(findingOnce(424_242, SCANS - 1))] as never, {
      bytesMax: 1e6,
    })
    const { answer } = await fresh(workshop).askLatest(named(ids), asked)
    expect(answer.rows.flat()).toContain(424_242)
  })

  test.each([
    ['missing', (path: string) => rmSync(path)],
    ['cut off', (path: string) => writeFileSync(path, readFileSync(path).subarray(0, -40))],
    ['empty', (path: string) => writeFileSync(path, '')],
    ['something else', (path: string) => writeFileSync(path, 'a'.repeat(1000))],
    [
      'damaged at its beginning',
      (path: string) => {
        const bytes = readFileSync(path)
        bytes.fill(7, 0, 400)
        writeFileSync(path, bytes)
      },
    ],
  ])('that is %s is made anew, unseen by who asks (LF1)', async (_name, harm) => {
    const { workshop, ids, answer } = await made()
    await using _ = workshop
    harm(index(workshop))
    expect((await fresh(workshop, silentLog).askLatest(named(ids), asked)).answer).toEqual(answer)
    expect((await fresh(workshop).askLatest(named(ids), asked)).answer).toEqual(answer)
  })

  test('goes with a report that it has something of', async () => {
    const { workshop, ids } = await made()
    await using _ = workshop
    const newest = await workshop.put(findingOnce(424_242))
    await workshop.reports.askLatest(named([...ids, newest]), asked)
    expect(existsSync(index(workshop))).toBe(true)
    await workshop.reports.remove(newest)
    expect(existsSync(index(workshop))).toBe(false)
  })

  test('leaves no drafts of those who died behind, and those of others who are at work alone', async () => {
    const { workshop, ids } = await made()
    await using _ = workshop
    const [dead, alive] = ['dead', 'alive'].map((name) => `${index(workshop)}.${name}.part`) as [string, string]
    for (const draft of [dead, alive]) writeFileSync(draft, 'a draft')
    utimesSync(dead, 1e9, 1e9)
    await workshop.reports.askLatest(named(ids.slice(1)), asked)
    expect([dead, alive].map((draft) => existsSync(draft))).toEqual([false, true])
  })

  test('leaves out what cannot be read, and names it', async () => {
    const { workshop, ids } = await made()
    await using _ = workshop
    const bad = await workshop.put('no report')
    const { answer, unreadable } = await workshop.reports.askLatest(named([bad, ...ids]), asked)
    expect(unreadable.map(({ taskId }) => taskId)).toEqual([bad])
    expect(answer.n).toBeGreaterThan(0)
  })

  test('that cannot be written leaves the answer as it is', async () => {
    const { workshop, ids, answer } = await made()
    await using _ = workshop
    rmSync(index(workshop))
    mkdirSync(index(workshop))
    expect((await fresh(workshop, silentLog).askLatest(named(ids), asked)).answer).toEqual(answer)
  })
})

describe('the latest look at a host', () => {
  const look = (tags: Record<string, string>, pluginId: number): string =>
    writtenReport([{ name: '10.0.0.1', tags, items: [{ pluginId, severity: 3 }] }])
  const ended = (at: number) => ({ HOST_START: day(at), HOST_END: day(at) })
  const answered = async (reports: readonly string[], question: object = { of: 'plugins' }) => {
    await using workshop = await openWorkshop(strictLog)
    const ids = []
    for (const xml of reports) ids.push(await workshop.put(xml))
    return await fromReports(workshop, ids, checkQuestion(question))
  }

  test('is the newest that finished, and a later try that did not is named', async () => {
    const answer = await answered([look(ended(1), 1), look(ended(2), 2), look({ HOST_START: day(3) }, 3)])
    expect(answer.rows.map(([plugin]) => plugin)).toEqual([2])
    expect(answer.unseen).toMatchObject({ hosts_unfinished: { count: 1, names: ['10.0.0.1'] } })
    expect(answer.looks).toHaveLength(2)
  })

  test('where none finished is the newest that reached it, not the oldest', async () => {
    const dead: WrittenItem = {
      pluginId: 10_180,
      children: [['plugin_output', 'The remote host (10.0.0.1) is considered as dead - not scanning']],
    }
    const unreached = writtenReport([
      { name: '10.0.0.1', tags: { HOST_START: day(4), HOST_END: day(4) }, items: [dead] },
    ])
    const answer = await answered([look({ HOST_START: day(1) }, 1), look({ HOST_START: day(2) }, 2), unreached])
    expect(answer.rows.map(([plugin]) => plugin)).toEqual([2])
  })

  test('of reports without dates is the one that came last', async () => {
    expect((await answered([look({}, 1), look({}, 2)])).rows.map(([plugin]) => plugin)).toEqual([2])
  })

  test('alone tells what could not be seen: an older look without login is no doubt where a newer one had it', async () => {
    const other = { name: '10.0.0.2', tags: ended(1), items: [{ pluginId: 7, severity: 3 }] }
    const old = writtenReport([{ name: '10.0.0.1', tags: ended(1), items: [{ pluginId: 1, severity: 3 }] }, other])
    const login: WrittenItem = { pluginId: 19_506, children: [['plugin_output', 'Credentialed checks : yes\n']] }
    const newer = writtenReport([
      { name: '10.0.0.1', tags: { ...ended(2), Credentialed_Scan: 'true' }, items: [login] },
    ])
    expect((await answered([old, newer])).unseen).toMatchObject({
      hosts_without_login: { count: 1, names: ['10.0.0.2'] },
    })
  })
})
