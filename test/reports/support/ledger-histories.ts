/** Makes up histories of a few hosts: what was really there, what each scan could see of it, and its record in the ledger. */
import { type LookRecord, RECORD_FORMAT } from '../../../lib/reports/ledger/look-record.ts'
import type { Random } from './random.ts'

export interface Flaw {
  readonly plugin: number
  readonly port: number
  readonly isLocal: boolean
  /** By scan: whether it is really there. */
  readonly there: readonly boolean[]
}

export interface Visit {
  readonly reach: 'finished' | 'unfinished' | 'unreachable'
  readonly login: boolean
  /** Flaws that the report shows, by their place. */
  readonly shown: readonly number[]
}

export interface Run {
  readonly at: string
  readonly completed: boolean
  readonly isWide: boolean
  readonly policy: string
  /** By host; hosts that are not in the report are left out. */
  readonly visits: ReadonlyMap<number, Visit>
  readonly record: LookRecord
}

export interface History {
  readonly flaws: readonly (readonly Flaw[])[]
  readonly runs: readonly Run[]
}

const PLUGINS = [101, 102, 103, 104, 105]
const PORTS = [0, 22, 80, 8080]
const POLICIES = ['Basic Network Scan', 'Host Discovery', 'Ours']
const WIDE = '1-65535'
const NARROW = '1-100'
const DAY_MS = 86_400_000
const PORT_PLUGIN = 9

export function madeUpHistory(random: Random, number: number): History {
  const hosts = 1 + random.below(3)
  const scans = 2 + random.below(7)
  const flaws = Array.from({ length: hosts }, () => flawsOf(random, scans))
  const names = Array.from({ length: hosts }, (_, host) => `host${host}`)
  const addresses = Array.from({ length: hosts }, (_, host) => `192.0.2.${host + 1}`)
  let ms = Date.parse('2026-01-05T08:00:00Z')
  const runs = Array.from({ length: scans }, (_, scan): Run => {
    ms += random.chance(0.1) ? 3_600_000 : DAY_MS * (1 + random.below(7))
    for (let host = 0; host < hosts; host++) {
      if (random.chance(0.1)) names[host] = `renamed${scan}x${host}`
      if (random.chance(0.1)) addresses[host] = `192.0.2.${100 + scan * 10 + host}`
    }
    const at = new Date(ms).toISOString().slice(0, 19)
    const policy = random.chance(0.75) ? POLICIES[0]! : POLICIES[random.below(POLICIES.length)]!
    const run = { at, completed: random.chance(0.9), isWide: random.chance(0.7), policy }
    const visits = new Map<number, Visit>()
    for (let host = 0; host < hosts; host++) {
      if (random.chance(0.85)) visits.set(host, visitOf(flaws[host]!, { random, scan, ...run }))
    }
    return { ...run, visits, record: recordOf({ ...run, visits }, { flaws, names, addresses, number, scan }) }
  })
  return { flaws, runs }
}

function flawsOf(random: Random, scans: number): Flaw[] {
  return PLUGINS.filter(() => random.chance(0.6)).map((plugin) => {
    let there = random.chance(0.7)
    const isLocal = random.chance(0.4)
    return {
      plugin,
      port: isLocal && random.chance(0.5) ? 0 : PORTS[1 + random.below(PORTS.length - 1)]!,
      isLocal,
      there: Array.from({ length: scans }, () => (there = random.chance(0.3) ? !there : there)),
    }
  })
}

interface Conditions {
  readonly random: Random
  readonly scan: number
  readonly isWide: boolean
  readonly policy: string
}

function visitOf(flaws: readonly Flaw[], { random, scan, isWide, policy }: Conditions): Visit {
  const reach = random.chance(0.85) ? 'finished' : random.chance(0.5) ? 'unfinished' : 'unreachable'
  const login = random.chance(0.7)
  const shown = [...flaws.entries()].flatMap(([place, { port, isLocal, there }]) => {
    // From inside, every open port is seen.
    const covered = login || (!isLocal && (isWide || port <= 100))
    const isSeen = there[scan] === true && covered && policy !== 'Host Discovery' && reach !== 'unreachable'
    return isSeen && (reach === 'finished' || random.chance(0.5)) ? [place] : []
  })
  return { reach, login, shown }
}

interface Around {
  readonly flaws: History['flaws']
  readonly names: readonly string[]
  readonly addresses: readonly string[]
  readonly number: number
  readonly scan: number
}

function recordOf(run: Omit<Run, 'record'>, { flaws, names, addresses, number, scan }: Around): LookRecord {
  const texts = ['tcp', run.isWide ? WIDE : NARROW, run.policy, 'General', 'local', 'remote', 'A port']
  const plugins: LookRecord['plugins'] = []
  const items: LookRecord['items'] = []
  const itemOf = (plugin: number, port: number, isLocal: boolean, severity: number): number => {
    const place = plugins.findIndex(([id]) => id === plugin)
    const said = place < 0 ? plugins.push([plugin, 6, 3, isLocal ? 4 : 5, null, null, null, []]) - 1 : place
    const known = items.findIndex(([of, at, , , how]) => of === said && at === port && how === severity)
    return known < 0 ? items.push([said, port, 0, 1, severity]) - 1 : known
  }
  // The same plugin may be local on one host and remote on another: the kind belongs to the plugin, so it has a number of its own.
  const idOf = ({ plugin, isLocal }: Flaw): number => plugin + (isLocal ? 1000 : 0)
  const hosts = [...run.visits].map(([host, { reach, login, shown }]) => {
    const places = shown.map((place) =>
      itemOf(idOf(flaws[host]![place]!), flaws[host]![place]!.port, flaws[host]![place]!.isLocal, 3),
    )
    if (reach === 'finished' && run.policy !== 'Host Discovery') places.push(itemOf(PORT_PLUGIN, 22, false, 0))
    const sorted = [...new Set(places)].toSorted((a, b) => a - b)
    return {
      name: names[host]!,
      marks: {
        mac: [`00aa00aa00${host.toString(16).padStart(2, '0')}`],
        address: [addresses[host]!],
        name: [names[host]!],
      },
      start: run.at,
      reach,
      access: login ? ('local' as const) : ('none' as const),
      ports: 1,
      policy: 2,
      items: sorted.map((place, at) => place - (sorted[at - 1] ?? 0)),
    }
  })
  return {
    format: RECORD_FORMAT,
    task_id: `ns_test_20260101_000000_${(number * 100 + scan).toString(16).padStart(8, '0')}`,
    scan: `scan ${scan}`,
    sha256: (number * 100 + scan).toString(16).padStart(64, '0'),
    at: run.at,
    completed: run.completed,
    simulated: false,
    families: {},
    targets: [],
    texts,
    plugins,
    items,
    hosts,
  }
}

export const flawId = ({ plugin, isLocal }: Flaw): number => plugin + (isLocal ? 1000 : 0)
