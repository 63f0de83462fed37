/**
 * One generated history of a scanner that others use too: the real functions and
 * the real client against the simulator, over HTTP, under a clock that only the
 * history moves. People make, copy, rename, launch and delete scans, the scanner
 * is reinstalled, its entry is pointed at another one and back, and our scans are
 * started, stopped, paused and deleted meanwhile.
 */
import { silentLog } from '../../../lib/base/log.ts'
import { makeNessusScanner } from '../../../lib/scanners/nessus/nessus-scanner.ts'
import { makeRegistry } from '../../../lib/scanners/registry.ts'
import type { Scanner } from '../../../lib/scanners/scanner.ts'
import type { Scan } from '../../../lib/scans/record.ts'
import { isFinal } from '../../../lib/scans/states.ts'
import type { Simulator } from '../../../infra/simulator/simulator.ts'
import { seededRandom, type SeededRandom } from '../../support/seeded-random.ts'
import { makeWorld, type World } from '../../support/world.ts'

const ACTIONS = 18
const RETENTION_MS = 90_000
const EXPORT_MS = 2000
export const SCAN_SECONDS = 20

/** The clock of the simulators: it outlives a history, as they do. */
export interface SharedClock {
  ms: number
  advance(toMs: number): void
}

export interface Told {
  /** What was done, for a seed that fails. */
  readonly trace: readonly string[]
  /** What should not have happened. */
  readonly wrong: readonly string[]
}

interface Stage {
  readonly random: SeededRandom
  readonly world: World
  readonly simulators: readonly [Simulator, Simulator]
  /** Points the entry at one of the simulators. */
  readonly point: (at: 0 | 1) => void
  readonly tasks: string[]
  readonly trace: string[]
  /** Own scans that something from outside may have ended: all that were there. */
  readonly disturbed: Set<string>
  /** Whether the entry was ever pointed elsewhere: what was paused there stays so. */
  moved: boolean
}

export async function playHistory(seed: number, simulators: Stage['simulators'], clock: SharedClock): Promise<Told> {
  let at = 0 as 0 | 1
  const registry = makeRegistry({
    file: 'scanners.yaml',
    env: {},
    log: silentLog,
    readFile: () => configuration(simulators[at]),
    makeScanner(entry) {
      const scanner = makeNessusScanner({ entry, now: () => clock.ms })
      const requestExport: Scanner['requestExport'] = async (run) => {
        const handle = await scanner.requestExport(run)
        // The report is written meanwhile: a wait of the client's own would be in real time.
        clock.ms += EXPORT_MS
        return handle
      }
      return { ...scanner, requestExport }
    },
    retireMs: 0,
  })
  const world = makeWorld({ seed, registry, limits: { scannerRetentionMs: RETENTION_MS, pollIntervalMs: 10_000 } })
  world.clock.ms = clock.ms
  Object.defineProperty(world.clock, 'ms', {
    get: () => clock.ms,
    set(ms: number) {
      clock.advance(ms)
    },
  })
  for (const { control } of simulators) control.reinstall()
  const before = simulators.map(({ control }) => control.counts())
  const stage: Stage = {
    random: seededRandom(seed),
    world,
    simulators,
    point(to) {
      at = to
      registry.reload()
    },
    tasks: [],
    trace: [],
    disturbed: new Set(),
    moved: false,
  }
  try {
    for (let n = 0; n < ACTIONS; n++) await act(stage)
    // The entry goes back to where it was, and all has time to end, to be cleaned up, and to wait for what was away.
    if (stage.moved) disturb(stage)
    stage.point(0)
    // What is paused waits for us.
    for (const task_id of stage.tasks) await world.call('resume_scan', { task_id })
    for (let n = 0; n < 12; n++) await world.pass(RETENTION_MS / 4)
    return { trace: stage.trace, wrong: await judge(stage, before) }
  } finally {
    await registry.close()
  }
}

function configuration({ url, accessKey, secretKey }: Simulator): string {
  const entry = { instance_id: 'one', url, access_key: accessKey, secret_key: secretKey, max_concurrent_scans: 3 }
  // JSON is YAML.
  return JSON.stringify({ lab: [entry] })
}

async function act(stage: Stage): Promise<void> {
  const { random, world, trace, simulators } = stage
  const [name, action] = random.pick(Object.entries(ACTS))
  const said = await action(stage)
  trace.push(`${name} ${said ?? ''}`)
  const touched = simulators.flatMap(({ control }) => control.counts().othersTouched)
  if (touched.length > 0) trace.push(`TOUCHED ${touched.join(', ')}`)
  await world.pass(random.pick([0, 1000, 3000, 12_000]))
}

const ACTS: Readonly<Record<string, (stage: Stage) => Promise<string | undefined> | string | undefined>> = {
  start,
  'start one more': start,
  'start yet another': start,
  'a person launches a scan of ours that has ended': relaunch,
  'a person launches one, and we delete it': async (stage) => {
    const id = await relaunch(stage)
    if (id !== undefined) await stage.world.call('delete_scan', { task_id: id, force: true })
    return id
  },
  stop: (stage) => tell(stage, 'stop_scan', {}),
  delete: (stage) => tell(stage, 'delete_scan', { force: stage.random.chance(0.5) }),
  pause: (stage) => tell(stage, 'pause_scan', {}),
  resume: (stage) => tell(stage, 'resume_scan', {}),
  'a while passes': ({ world }) => world.pass(30_000).then(() => undefined),
  'a person makes a scan': (stage) => {
    const { people } = somewhere(stage).control
    const id = people.makeScan({ name: `Payroll ${stage.trace.length}` })
    if (stage.random.chance(0.5)) people.launchScan(id)
    return String(id)
  },
  'a person copies a scan': (stage) => {
    const { people } = somewhere(stage).control
    const id = anyScan(stage, people.scans())
    const copy = id === undefined ? undefined : people.copyScan(id)
    if (copy !== undefined && stage.random.chance(0.3)) people.launchScan(copy)
    return `${id} as ${copy}`
  },
  'a person copies a scan under its own name': (stage) => {
    const { control } = somewhere(stage)
    const ours = control.counts().scans.flatMap(({ ids, name }) => ids.map((id) => ({ id, name })))
    const one = ours.at(-1)
    return one && `${one.id} as ${control.people.copyScan(one.id, one.name)}`
  },
  'a person launches a scan': (stage) => {
    const { people } = somewhere(stage).control
    const id = anyScan(stage, people.scans())
    if (id !== undefined && people.launchScan(id)) disturb(stage)
    return String(id)
  },
  'a person renames a scan': (stage) => {
    const { people } = somewhere(stage).control
    const id = anyScan(stage, people.scans())
    if (id !== undefined) people.renameScan(id, `Kept ${id}`)
    disturb(stage)
    return String(id)
  },
  'a person deletes a scan': (stage) => {
    const { control } = somewhere(stage)
    const id = anyScan(stage, control.people.scans())
    if (id !== undefined) control.deleteScan(id)
    disturb(stage)
    return String(id)
  },
  'the scanner is reinstalled, and people make scans': (stage) => {
    const { control } = stage.simulators[0]
    control.reinstall()
    for (let n = stage.random.between(0, 5); n > 0; n--) control.people.launchScan(control.people.makeScan())
    disturb(stage)
    return undefined
  },
  'the entry is pointed elsewhere': (stage) => {
    stage.point(1)
    stage.moved = true
    const { people } = stage.simulators[1].control
    for (let n = stage.random.between(0, 5); n > 0; n--) people.makeScan()
    disturb(stage)
    return undefined
  },
  'the entry is pointed back': (stage) => {
    stage.point(0)
    disturb(stage)
    return undefined
  },
}

/** A person launches again what we have launched once; the task id. */
async function relaunch(stage: Stage): Promise<string | undefined> {
  const { world, tasks, simulators, random } = stage
  const scans = await Promise.all(tasks.map((id) => world.services.scans.get(id)))
  const ended = scans.flatMap((scan) => (scan && isFinal(scan.status) && scan.run_uuid ? [scan] : []))
  if (ended.length === 0) return undefined
  const scan = random.pick(ended)
  const here = simulators[0].control.people.launchScan(scan.scanner_scan_id ?? 0)
  return here ? scan.task_id : undefined
}

async function start({ world, tasks, random }: Stage): Promise<string | undefined> {
  const args = { targets: '192.0.2.10', name: random.pick(['Weekly', 'Weekly <R&D>', ' Payroll  1']) }
  const { result } = (await world.call('run_untrusted_scan', args)) as { result?: { task_id?: string } }
  const id = result?.task_id
  if (id !== undefined) tasks.push(id)
  return id
}

/** Calls a tool about one of our scans; a refusal is an answer too. */
async function tell({ world, tasks, random }: Stage, tool: string, args: object): Promise<string | undefined> {
  if (tasks.length === 0) return undefined
  const task_id = random.pick(tasks)
  await world.call(tool, { task_id, ...args })
  return task_id
}

function somewhere({ random, simulators }: Stage): Simulator {
  return random.chance(0.8) ? simulators[0] : simulators[1]
}

function anyScan({ random }: Stage, ids: readonly number[]): number | undefined {
  return ids.length === 0 ? undefined : random.pick(ids)
}

function disturb({ tasks, disturbed }: Stage): void {
  for (const id of tasks) disturbed.add(id)
}

async function judge(stage: Stage, before: readonly ReturnType<Simulator['control']['counts']>[]): Promise<string[]> {
  const { simulators, tasks, world, disturbed, moved } = stage
  const wrong: string[] = []
  simulators.forEach(({ control }, n) => {
    const { othersTouched, othersExported, ownRunning, scans } = control.counts()
    wrong.push(...othersTouched.slice(before[n]!.othersTouched.length).map((what) => `touched: ${what}`))
    if (othersExported > before[n]!.othersExported) wrong.push('exported the run of a person')
    if (ownRunning > 0 && !moved) wrong.push(`${ownRunning} runs of ours are still under way`)
    for (const { launches, key } of scans) if (launches > 1) wrong.push(`${key} was launched ${launches} times`)
  })
  for (const id of tasks) {
    const scan = await world.services.scans.get(id)
    if (scan) wrong.push(...endsRight(scan, disturbed.has(id)).map((what) => `${id}: ${what}`))
  }
  return wrong
}

function endsRight(scan: Scan, isDisturbed: boolean): string[] {
  if (!isFinal(scan.status))
    return [`it is ${scan.status} (${scan.step}) for ever, ${scan.trouble?.message ?? 'without trouble'}`]
  if (scan.status === 'completed' && scan.results_summary === undefined) return ['completed without results']
  if (scan.status === 'failed' && !isDisturbed) return [`failed, though nobody disturbed it: ${scan.failure?.message}`]
  if (scan.status === 'failed' && scan.failure === undefined) return ['failed without saying why']
  return []
}
