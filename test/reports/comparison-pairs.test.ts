/**
 * Goal: over generated pairs of reports, nothing is called fixed that a naive rule, written without the product's
 * code, does not allow; and what plainly was fixed is called so. A few hundred pairs here; PAIRS=20000 for a long run.
 */
import { expect, test } from 'vitest'
import type { Comparison } from '../../lib/reports/ask/answers.ts'
import { labelled } from './support/labelled.ts'
import { makeRandom, type Random } from './support/random.ts'
import { openWorkshop } from './support/workshop.ts'
import { type WrittenHost, type WrittenItem, writtenReport } from './support/written-report.ts'

const PAIRS = Number(process.env['PAIRS'] ?? 200)
const SEED = Number(process.env['SEED'] ?? 1)

interface Found {
  readonly plugin: number
  readonly port: number
  readonly protocol: string
  readonly type: string | undefined
}
interface Look {
  name: string
  ip: string
  ended: boolean
  dead: boolean
  login: boolean
  ports: string
  policy: string
  found: Found[]
}

const PORTS = ['1-65535,U:1-65535', '1-1024', 'T:1-1024,U:161', '443,8443', 'U:161']
const KINDS: readonly Found[] = [
  { plugin: 101, port: 0, protocol: 'tcp', type: 'local' },
  { plugin: 102, port: 0, protocol: 'tcp', type: 'combined' },
  { plugin: 103, port: 443, protocol: 'tcp', type: 'remote' },
  { plugin: 104, port: 8443, protocol: 'tcp', type: 'remote' },
  { plugin: 105, port: 161, protocol: 'udp', type: 'remote' },
  { plugin: 106, port: 22, protocol: 'tcp', type: undefined },
]

function makeFleet(random: Random): Look[] {
  return Array.from({ length: 1 + random.below(4) }, (_, at) => ({
    name: `srv${at}.example`,
    ip: `10.0.0.${at + 1}`,
    ended: true,
    dead: false,
    login: random.chance(0.7),
    ports: random.chance(0.6) ? PORTS[0]! : random.pick(PORTS),
    policy: 'Weekly',
    found: KINDS.filter(() => random.chance(0.6)),
  }))
}

/** The same fleet a week later: some of it fixed, some of it looked at differently. */
function aWeekLater(fleet: readonly Look[], random: Random): Look[] {
  const later = fleet
    .filter(() => random.chance(0.9))
    .map((look) => ({ ...look, found: look.found.filter(() => random.chance(0.5)) }))
  for (const look of later) {
    if (random.chance(0.15)) look.name = random.pick([look.name.toUpperCase(), look.ip, look.name.split('.')[0]!])
    if (random.chance(0.1)) look.ip = `10.0.9.${random.below(250) + 1}`
    if (random.chance(0.1)) look.ended = false
    if (random.chance(0.05)) [look.dead, look.found] = [true, []]
    if (random.chance(0.2)) look.login = !look.login
    if (random.chance(0.2)) look.ports = random.pick(PORTS)
    if (random.chance(0.1)) look.policy = random.pick(['Host Discovery', 'Another'])
  }
  return later
}

function written(look: Look, day: number): WrittenHost {
  const dead: WrittenItem = { pluginId: 10_180, children: [['plugin_output', 'The host is considered as dead']] }
  const said = `Port range : ${look.ports}\nScan policy used : ${look.policy}\nCredentialed checks : ${look.login ? 'yes' : 'no'}`
  const items = look.found.map(({ plugin, port, protocol, type }): WrittenItem => ({
    pluginId: plugin,
    port,
    protocol,
    severity: 3,
    family: `Family ${plugin}`,
    children: type === undefined ? [] : [['plugin_type', type]],
  }))
  return {
    name: look.name,
    tags: {
      'host-ip': look.ip,
      HOST_START: `Mon Nov ${day} 10:00:00 2026`,
      ...(look.ended ? { HOST_END: `Mon Nov ${day} 11:00:00 2026` } : {}),
      ...(look.dead ? {} : { Credentialed_Scan: String(look.login) }),
    },
    items: look.dead ? [dead] : [...items, { pluginId: 19_506, children: [['plugin_output', said]] }],
  }
}

/** The naive rule: hosts are the same by name or address, ports and logins as the words say. */
function mayBeFixed(finding: Found, old: Look, fleet: readonly Look[]): boolean {
  const same = (look: Look): boolean =>
    [old.name.toLowerCase(), old.ip].some((known) => [look.name.toLowerCase(), look.ip].includes(known))
  return fleet.filter(same).some((look) => {
    const ran = fleet.some(
      (each) => each.policy === look.policy && each.found.some(({ plugin }) => plugin === finding.plugin),
    )
    if (!look.ended || look.dead || (look.policy !== old.policy && !ran)) return false
    if (look.found.some((each) => each.plugin === finding.plugin && each.port === finding.port)) return false
    if (finding.type !== 'remote' && old.login && !look.login) return false
    if (finding.port === 0 || look.ports === old.ports) return true
    return look.found.some((each) => each.port === finding.port) || inRange(look.ports, finding)
  })
}

function inRange(ports: string, { port, protocol }: Found): boolean {
  let kind = 'tcp'
  return ports.split(',').some((part) => {
    if (part.startsWith('T:')) kind = 'tcp'
    if (part.startsWith('U:')) kind = 'udp'
    const [low, high] = part
      .replace(/^[TU]:/, '')
      .split('-')
      .map(Number)
    return kind === protocol && port >= low! && port <= (high ?? low!)
  })
}

/** Nothing about the host has changed but that the finding is gone. */
function plainlyFixed(finding: Found, old: Look, fleet: readonly Look[]): boolean {
  const same = fleet.filter((look) => look.name === old.name && look.ip === old.ip)
  return same.some((look) => look.ports === old.ports && look.login === old.login && mayBeFixed(finding, old, fleet))
}

function judge(comparison: Comparison, before: readonly Look[], after: readonly Look[]): number {
  const { counts } = comparison
  const total = before.reduce((sum, look) => sum + look.found.length, 0)
  expect(counts.fixed + counts.persisting + counts.not_retested).toBe(total)
  expect(comparison.fixed).toHaveLength(counts.fixed)
  const fixed = new Set(comparison.fixed.map(({ host, plugin_id }) => `${host} ${plugin_id}`))
  for (const look of before) {
    for (const finding of look.found) {
      const key = `${look.name} ${finding.plugin}`
      labelled(`${key} is fixed`, () =>
        expect([key, !fixed.has(key) || mayBeFixed(finding, look, after)]).toEqual([key, true]),
      )
      labelled(`${key} is plain`, () =>
        expect([key, fixed.has(key) || !plainlyFixed(finding, look, after)]).toEqual([key, true]),
      )
    }
  }
  return counts.fixed
}

test(`nothing is called fixed without evidence, over ${PAIRS} pairs`, { timeout: 3_600_000 }, async () => {
  await using workshop = await openWorkshop()
  let fixed = 0
  for (let seed = SEED; seed < SEED + PAIRS; seed++) {
    const random = makeRandom(seed)
    const before = makeFleet(random)
    const after = aWeekLater(before, random)
    const older = await workshop.put(writtenReport(before.map((look) => written(look, 2))))
    const newer = await workshop.put(writtenReport(after.map((look) => written(look, 9))))
    const comparison = await workshop.reports.compare(older, newer, { limit: 500 })
    labelled(`SEED=${seed}`, () => {
      fixed += judge(comparison, before, after)
    })
    await Promise.all([workshop.reports.remove(older), workshop.reports.remove(newer)])
  }
  // The rule is not kept by never saying so.
  expect(fixed).toBeGreaterThan(PAIRS / 4)
})
