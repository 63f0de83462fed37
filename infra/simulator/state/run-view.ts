/** What a run shows at this moment: its report and the hosts found so far. */
import type { Readable } from 'node:stream'
import { chooseReport } from '../report/choose-report.ts'
import type { Report } from '../report/library.ts'
import type { HostSummary, PluginSummary } from '../report/summary.ts'
import type { HostProgress } from './progress.ts'
import { hostProgress } from './progress.ts'
import type { Run, SimulatedScan } from './scan.ts'
import { fractionDone } from './scan.ts'
import { expandTargets } from './targets.ts'
import type { World } from './world.ts'

const FIRST_HOST_ID = 2
const NOTHING_FOUND: HostSummary = { name: '', counts: [0, 0, 0, 0, 0], plugins: new Map() }

export interface FoundHost extends HostProgress {
  readonly id: number
  readonly name: string
  readonly summary: HostSummary
}

export interface RunView {
  readonly report: Report
  readonly hosts: readonly FoundHost[]
  readonly plugins: ReadonlyMap<number, PluginSummary>
  /** The run's document as an export has it. */
  open(): Readable
}

/** Reads a folder's report once, at the first look at a run that serves it. */
export async function viewRun(world: World, scan: SimulatedScan, run: Run): Promise<RunView> {
  const nowMs = world.timeline.now()
  const { library, told, licence, settings } = world
  const report = chooseReport({ library, scan, targets: run.targets, told, inTurn: settings.reportsInTurn })
  const summary = await report.summary()
  const targets = expandTargets(run.targets).slice(0, licence.licensedHosts)
  const isFixed = !report.isShipped && summary.hosts.length > 0
  const isEmpty = report.isShipped && summary.hosts.length === 0
  const names = isFixed ? summary.hosts.map((host) => host.name) : isEmpty ? [] : targets
  const found = hostProgress({
    hosts: names.length,
    fraction: fractionDone(run, nowMs),
    seed: settings.seed + run.historyId,
  })
  const hosts = found.map((progress) => ({
    ...progress,
    id: FIRST_HOST_ID + progress.index,
    name: names[progress.index] ?? '',
    summary: summary.hosts[progress.index % Math.max(1, summary.hosts.length)] ?? NOTHING_FOUND,
  }))
  const serving = {
    scanName: scan.name,
    hosts: hosts.map(({ name, index }) => ({ name, index })),
    startedAtMs: run.startedAtMs ?? run.createdAtMs,
    endedAtMs: run.endedAtMs ?? nowMs,
    isComplete: run.status === 'completed',
  }
  return { report, hosts, plugins: summary.plugins, open: () => report.open(serving) }
}
