/** Launching a scan and steering its newest run. Each function refuses with the real scanner's status. */
import type { SimulatorSettings } from '../options.ts'
import type { Random } from '../random.ts'
import type { Timeline } from '../timeline.ts'
import type { Tally } from './counts.ts'
import type { RunCourse } from './lifecycle.ts'
import { Refused } from './refusal.ts'
import type { Actor, Run } from './scan.ts'
import { isActive, isPersons, newestRun } from './scan.ts'
import type { SimulatedScans } from './scans.ts'
import { expandTargets } from './targets.ts'

/** The oldest run of a scan is forgotten beyond this. */
const RUNS_MAX = 100

export interface Runs {
  readonly nextHistoryId: number
  /** `targets` stand in for the scan's own, for this run. */
  launch(id: number, targets?: string, by?: Actor): Run
  /** A run of a person that ended so long ago. */
  past(id: number, run: PastRun): Run
  pause(id: number): void
  resume(id: number): void
  stop(id: number): void
  kill(id: number): void
  /** History ids are counted from the beginning again. */
  wipe(): void
}

export interface PastRun {
  readonly status: 'completed' | 'canceled' | 'aborted'
  readonly endedAgoMs: number
}

export const FIRST_HISTORY_ID = 2

interface Deps {
  readonly settings: SimulatorSettings
  readonly timeline: Timeline
  readonly lifecycle: RunCourse
  readonly random: Random
  readonly scans: SimulatedScans
  readonly tally: Tally
  readonly licence: { readonly licensedHosts: number }
  readonly firstHistoryId: number
}

export function makeRuns({ settings, timeline, lifecycle, random, scans, tally, licence, firstHistoryId }: Deps): Runs {
  const { quirks } = settings
  let nextHistoryId = firstHistoryId

  function newRun(targets: string, startedBy: Actor): Run {
    const nowMs = timeline.now()
    return {
      historyId: nextHistoryId++,
      startedBy,
      uuid: `${random.uuid()}${random.hex(12)}`,
      targets,
      durationMs: settings.scanSeconds * 1000 * (0.9 + 0.2 * random.next()),
      createdAtMs: nowMs,
      status: 'pending',
      changedAtMs: nowMs,
      startedAtMs: undefined,
      endedAtMs: undefined,
      workedMs: 0,
      runningSinceMs: undefined,
      step: 0,
    }
  }

  function change(id: number, what: 'pauses' | 'resumes' | 'stops', act: (run: Run) => boolean): void {
    const scan = scans.get(id)
    const run = newestRun(scan)
    if (scan.madeBy === 'person' || run?.startedBy === 'person') tally.touchedOthers(`${what} of scan ${id}`)
    if (!run || !act(run)) throw new Refused(quirks.stopWhileIdleStatus, 'The scan is not in a state that allows this')
    scan.changedAtMs = timeline.now()
    tally.scan(scan, what)
  }

  return {
    get nextHistoryId() {
      return nextHistoryId
    },
    launch(id, targets, by = 'caller') {
      const scan = scans.get(id)
      if (by === 'caller' && isPersons(scan)) tally.touchedOthers(`launch scan ${id}`)
      if (isActive(scan)) throw new Refused(quirks.launchWhileActiveStatus, 'The scan is already running')
      const text = targets ?? scan.targets
      const hosts = expandTargets(text).length
      if (hosts > licence.licensedHosts && quirks.overLicence === 'reject') {
        throw new Refused(403, `The licence covers ${licence.licensedHosts} hosts, the scan has ${hosts}`)
      }
      const run = newRun(text, by)
      scan.runs = [...scan.runs, run].slice(-RUNS_MAX)
      scan.changedAtMs = timeline.now()
      if (by === 'caller') tally.scan(scan, 'launches')
      lifecycle.begin(run)
      return run
    },
    past(id, past) {
      const scan = scans.get(id)
      if (isActive(scan)) throw new Refused(quirks.launchWhileActiveStatus, 'The scan is running')
      const run = ended(newRun(scan.targets, 'person'), past)
      scan.runs = [...scan.runs, run].slice(-RUNS_MAX)
      return run
    },
    pause: (id) => change(id, 'pauses', (run) => lifecycle.pause(run)),
    resume: (id) => change(id, 'resumes', (run) => lifecycle.resume(run)),
    stop: (id) => change(id, 'stops', (run) => lifecycle.stop(run)),
    kill: (id) => change(id, 'stops', (run) => lifecycle.end(run, 'aborted')),
    wipe() {
      nextHistoryId = FIRST_HISTORY_ID
    },
  }
}

function ended(begun: Run, { status, endedAgoMs }: PastRun): Run {
  const endedAtMs = begun.createdAtMs - endedAgoMs
  const startedAtMs = endedAtMs - begun.durationMs
  const times = { createdAtMs: startedAtMs, startedAtMs, endedAtMs, changedAtMs: endedAtMs }
  return { ...begun, ...times, workedMs: begun.durationMs, status }
}
