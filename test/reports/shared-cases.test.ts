/**
 * Goal: the small reports with one oddity each that the field taught us are read, judged and compared right.
 * Skipped where they are not there; the project's own tests hold each kind with a report of its own.
 */
import { createReadStream, existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import type { ReportFacts } from '../../lib/reports/judge/report-facts.ts'
import { openWorkshop, taskIdOf, type Workshop } from './support/workshop.ts'

const CASES = '../shared/cases/reports'
const PAIRS = '../shared/questions/pairs'
const files = existsSync(CASES) ? readdirSync(CASES).filter((name) => name !== 'README.md') : []
const limits = { bytesMax: 10_000_000, archives: true }
let tasks = 1000

async function take(workshop: Workshop, path: string): Promise<{ taskId: string; facts: ReportFacts }> {
  const taskId = taskIdOf(++tasks)
  await workshop.reports.receive(taskId, createReadStream(path), limits)
  return { taskId, facts: await workshop.reports.build(taskId) }
}

/** Hosts, vulnerabilities, and what the warnings, verdicts and cause must say. */
interface Read {
  readonly hosts?: number
  readonly found?: number
  readonly warns?: RegExp
  readonly login?: RegExp
  readonly cause?: RegExp
}
const one = (found: number): Read => ({ hosts: 1, found })
const mended: Read = { hosts: 1, found: 1, warns: /read as U\+FFFD \(line 20\)/ }

const READ: Readonly<Record<string, Read>> = {
  '01': { hosts: 4, found: 4 },
  '02a': { hosts: 1, found: 5, warns: /written more than once/ },
  '02b': one(3),
  '03': { hosts: 2, found: 1, warns: /did not finish \(no HOST_END\): 192\.0\.2\.11/, login: /192\.0\.2\.11 unknown/ },
  '04': { hosts: 2, found: 2 },
  '05': one(1),
  '06': one(1),
  '07': one(3),
  '09a': mended,
  '09b': mended,
  '09d': mended,
  '09g': mended,
  '10a': one(1),
  '10b': one(1),
  '10c': one(1),
  '10d': one(1),
  '10e': one(1),
  '10f': one(1),
  '11': one(1),
  '12': one(0),
  '13b': one(1),
  '14': one(1),
  '15-': one(0),
  '15b': one(0),
  '15c': one(0),
  '16a': one(1),
  '16b': one(1),
  '16d': one(1),
  '16i': one(1),
  '17k': { hosts: 0, found: 0, warns: /no host at all/ },
  '17o': { hosts: 1, found: 1, warns: /before its XML declaration/ },
  '17q': { hosts: 1, found: 1, warns: /after the end/ },
  '18': one(1),
  '19': one(1),
  '20a': one(1),
  '20b': one(1),
  '22a': one(1),
  '22b': one(0),
  '23-combined-a': { ...one(1), login: /success/ },
  '23-combined-b': { ...one(0), login: /failed/, cause: /password/ },
  '23-local-a': { ...one(1), login: /success/ },
  '23-local-b': { ...one(0), login: /failed/ },
  '25a': { ...one(0), login: /success/ },
  '25b': { ...one(0), login: /success/ },
  '26a': one(1),
  '26b': { ...one(0), warns: /Every host was unreachable/, login: /unknown unreachable/ },
  '27a': one(2),
  '27b': { ...one(0), warns: /did not finish/, login: /unknown unfinished/ },
  '28a': one(1),
  '28b': one(1),
  '30a': one(1),
  '30b': one(1),
  '31a': one(1),
  '31b': one(1),
  '32': one(2),
  '33a': one(2),
  '33b': one(1),
  '35': { hosts: 2, found: 2 },
  '40': { ...one(0), login: /partial finished The login worked/ },
  '41': { ...one(0), login: /partial .*110385/, cause: /privileges/ },
  '42': { ...one(0), login: /partial .*102094/, cause: /privileges/ },
  '44': { ...one(0), login: /success/ },
  '46': { ...one(0), login: /partial .*117885/ },
  '47': { ...one(0), login: /partial .*24786/ },
  '48': { ...one(0), login: /failed/, cause: /password/ },
  '49': { ...one(0), login: /failed .*network/, cause: /network/ },
  '50': { ...one(0), login: /success/ },
  '51': { ...one(1), login: /unknown/ },
  '52': {
    hosts: 4,
    found: 0,
    warns: /unreachable.*192\.0\.2\.74/,
    login:
      /192\.0\.2\.72 failed.*192\.0\.2\.74 unknown unreachable.*192\.0\.2\.71 success.*192\.0\.2\.73 not_applicable .*110723/s,
  },
  '63': { hosts: 60, found: 60 },
  '64': one(0),
  '65': { hosts: 2, found: 1 },
  '66': one(1),
  '67': one(1),
  '68': { hosts: 2, found: 2 },
  '69': one(1),
}

const REFUSED: Readonly<Record<string, RegExp>> = {
  '10g': /declares utf-16/,
  '13-bare': /severity: expected/,
  '13c': /severity: expected/,
  '16c': /2 \.nessus files/,
  '16f': /tar archive.*unpack/,
  '16g': /tar archive.*unpack/,
  '16h': /holds: a\.nessus\.gz/,
  '16j': /zip archive/,
  '16k': /bzip2.*unpack/,
  '16l': /xz.*unpack/,
  '17a': /CSV.*export/,
  '17b': /HTML.*export/,
  '17c': /HTML.*export/,
  '17d': /\.db.*export/,
  '17f': /PDF.*export/,
  '17g': /JSON.*export/,
  '17h': /empty/,
  '17i': /white space/,
  '17j': /no Report element/,
  '17m': /Nmap/,
  '17n': /ends too early/,
  '17s': /document type/,
  '17t': /Excel.*export/,
  '17u': /JSON.*export/,
}

/** [older, newer, counts, why it was not retested] */
const COMPARED: readonly (readonly [string, string, Record<string, number>, Record<string, number>?])[] = [
  ['02a', '02b', { persisting: 3, fixed: 0, new: 0 }],
  ['20a', '20b', { persisting: 1, fixed: 0, new: 0 }],
  ['22a', '22b', { fixed: 0, not_retested: 1 }, { port_not_covered: 1 }],
  ['23-combined-a', '23-combined-b', { fixed: 0, not_retested: 1 }, { credentials_lost: 1 }],
  ['23-local-a', '23-local-b', { fixed: 0, not_retested: 1 }, { credentials_lost: 1 }],
  ['25a', '25b', { fixed: 0, compliance_not_retested: 2 }],
  ['26a', '26b', { fixed: 0, not_retested: 1 }, { host_unreachable: 1 }],
  ['27a', '27b', { fixed: 0, not_retested: 2 }, { host_unfinished: 2 }],
  ['28a', '28b', { persisting: 1, fixed: 0, new: 0 }],
  ['30a', '30b', { persisting: 1, fixed: 0, new: 0 }],
  ['31a', '31b', { new: 1, fixed: 1 }],
  ['32', '32', { persisting: 2, fixed: 0, new: 0 }],
  ['33a', '33b', { persisting: 1, fixed: 1 }],
  ['35', '35', { persisting: 2, fixed: 0, hosts_in_both: 2 }],
]

const FLEET: typeof COMPARED = [
  ['fleet-w1', 'fleet-w2', { new: 1, fixed: 2, persisting: 12, not_retested: 0 }],
  ['fleet-w2', 'fleet-w3', { fixed: 0, not_retested: 3 }, { credentials_lost: 2, host_not_seen: 1 }],
  ['fleet-w3', 'fleet-w4', { fixed: 0, not_retested: 3, persisting: 7 }, { port_not_covered: 3 }],
  ['fleet-w4', 'fleet-w5', { fixed: 1, not_retested: 2, persisting: 7 }, { host_unfinished: 2 }],
  ['fleet-w5', 'fleet-discovery', { fixed: 0, not_retested: 11 }],
  ['fleet-w2', 'fleet-w1', { fixed: 0 }, { older_report: 1 }],
  ['audit-old', 'audit-new', { compliance_changed: 2, compliance_persisting: 6 }],
  ['audit-new', 'audit-not-run', { compliance_changed: 0, compliance_not_retested: 8 }],
]

const fileOf = (start: string): string => files.find((name) => name.startsWith(start)) ?? start

describe.skipIf(files.length === 0)('of the shared cases', () => {
  test('every file is in a table', () => {
    const told = new Set([...Object.keys(READ), ...Object.keys(REFUSED)].map(fileOf))
    expect(files.filter((name) => !told.has(name))).toEqual([])
  })

  test.each(Object.entries(READ))('%s is read right', async (start, right) => {
    await using workshop = await openWorkshop()
    const { facts } = await take(workshop, join(CASES, fileOf(start)))
    expect(facts.hosts_scanned).toBe(right.hosts ?? facts.hosts_scanned)
    expect(facts.total_vulnerabilities).toBe(right.found ?? facts.total_vulnerabilities)
    expect(facts.validation_warnings.join('\n')).toMatch(right.warns ?? /^/)
    const verdicts = facts.authentication_hosts.map(
      (each) => `${each.host} ${each.status} ${each.reach} ${each.reason}`,
    )
    expect(verdicts.join('\n')).toMatch(right.login ?? /^/)
    expect(facts.troubleshooting?.likely_cause ?? '').toMatch(right.cause ?? /^/)
  })

  test.each(Object.entries(REFUSED))('%s is refused for what it is', async (start, message) => {
    await using workshop = await openWorkshop()
    await expect(take(workshop, join(CASES, fileOf(start)))).rejects.toThrow(message)
  })

  const pairs = [
    ...COMPARED.map(([a, b, counts, reasons]) => ({
      older: join(CASES, fileOf(a)),
      newer: join(CASES, fileOf(b)),
      counts,
      reasons,
    })),
    ...FLEET.map(([a, b, counts, reasons]) => ({
      older: join(PAIRS, `${a}.nessus`),
      newer: join(PAIRS, `${b}.nessus`),
      counts,
      reasons,
    })),
  ]
  test.each(pairs)('$older, then $newer', async (pair) => {
    await using workshop = await openWorkshop()
    const [older, newer] = [await take(workshop, pair.older), await take(workshop, pair.newer)]
    const comparison = await workshop.reports.compare(older.taskId, newer.taskId)
    expect(comparison.counts).toMatchObject(pair.counts)
    expect(comparison.not_retested_reasons).toEqual(pair.reasons ?? comparison.not_retested_reasons)
  })
})
