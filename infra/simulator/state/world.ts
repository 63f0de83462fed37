/** The whole state of one simulated scanner. It outlives its own process where a file to keep it in is given. */
import type { SimulatorSettings } from '../options.ts'
import type { Random } from '../random.ts'
import { makeRandom } from '../random.ts'
import type { Library } from '../report/library.ts'
import { openLibrary } from '../report/library.ts'
import type { Timeline } from '../timeline.ts'
import { makeTimeline } from '../timeline.ts'
import type { Tally } from './counts.ts'
import { makeTally } from './counts.ts'
import type { SimulatedExports } from './exports.ts'
import { makeSimulatedExports } from './exports.ts'
import type { Folders } from './folders.ts'
import { makeFolders } from './folders.ts'
import type { RunCourse } from './lifecycle.ts'
import { makeRunCourse } from './lifecycle.ts'
import type { Runs } from './runs.ts'
import { FIRST_HISTORY_ID, makeRuns } from './runs.ts'
import { type Kept, readKept, revived } from './keep.ts'
import { makeSimulatedPolicies, type SimulatedPolicies } from './policies.ts'
import type { SimulatedScans } from './scans.ts'
import { FIRST_SCAN_ID, makeSimulatedScans } from './scans.ts'
import type { LoginSessions } from './sessions.ts'
import { makeLoginSessions } from './sessions.ts'

/** Seeds of further starts lie so far apart. */
const STARTS_APART = 1_000_003

export interface SimulatedLicence {
  scanApi: boolean
  licensedHosts: number
}

export interface Machine {
  /** Until then every request but `/server/status` is answered with 503. */
  loadingUntilMs: number
  pluginsCompiling: boolean
  /** The web interface's own token, a literal in its script. */
  apiToken: string
  bootedAtMs: number
  upgrades: number
  /** Of this installation: a reinstall has another. */
  serverUuid: string
  /** Its own scanner first, then those that are linked to it. */
  readonly scanners: { readonly id: number; readonly name: string; isOn: boolean }[]
}

export interface World {
  readonly settings: SimulatorSettings
  readonly timeline: Timeline
  readonly random: Random
  readonly library: Library
  readonly sessions: LoginSessions
  readonly lifecycle: RunCourse
  readonly scans: SimulatedScans
  readonly runs: Runs
  readonly exports: SimulatedExports
  readonly folders: Folders
  readonly policies: SimulatedPolicies
  readonly tally: Tally
  readonly licence: SimulatedLicence
  readonly machine: Machine
  /** Reports chosen by a test, by scan id or by a part of the scan's name in lower case. */
  readonly told: Map<number | string, string>
  /** How often this scanner has been started. */
  readonly starts: number
  /** Names of uploaded files; their content is not kept. */
  readonly uploads: Set<string>
  /** Uploaded audits that are none. */
  readonly brokenUploads: Set<string>
}

/** Throws PermanentError when a reports folder cannot be used. */
export function makeWorld(settings: SimulatorSettings): World {
  const timeline = makeTimeline(settings)
  // Another stream than the one that drew the keys, so that giving keys changes nothing else.
  const kept = settings.stateFile === '' ? undefined : readKept(settings.stateFile, settings.log)
  const starts = (kept?.starts ?? 0) + 1
  const random = makeRandom(settings.seed + 1 + (starts - 1) * STARTS_APART)
  const library = openLibrary(settings.reportsDirs)
  const tally = makeTally()
  const lifecycle = makeRunCourse({ timeline, maxScans: settings.maxScans })
  const folders = makeFolders()
  const licence: SimulatedLicence = { scanApi: settings.scanApi, licensedHosts: settings.licensedHosts }
  const before = {
    scans: (kept?.scans ?? []).map((scan) => revived(scan, kept?.savedAtMs ?? 0)),
    nextId: kept?.nextScanId ?? FIRST_SCAN_ID,
  }
  const scans = makeSimulatedScans({ settings, timeline, random, tally, defaultFolder: folders.main().id, before })
  for (const run of before.scans.flatMap((scan) => scan.runs)) lifecycle.goOn(run)
  return {
    settings,
    timeline,
    random,
    library,
    tally,
    lifecycle,
    folders,
    policies: makeSimulatedPolicies({ timeline, before: kept?.policies ?? [] }),
    licence,
    sessions: makeLoginSessions({ settings, timeline, random }),
    scans,
    runs: makeRuns({
      settings,
      timeline,
      lifecycle,
      random,
      scans,
      tally,
      licence,
      firstHistoryId: kept?.nextHistoryId ?? FIRST_HISTORY_ID,
    }),
    exports: makeSimulatedExports({ timeline, random }),
    machine: {
      loadingUntilMs: 0,
      pluginsCompiling: false,
      apiToken: newApiToken(settings, random),
      bootedAtMs: timeline.now(),
      upgrades: 0,
      serverUuid: kept?.serverUuid ?? random.uuid(),
      scanners: ['Local Scanner', ...settings.linkedScanners].map((name, n) => ({ id: n + 1, name, isOn: true })),
    },
    starts,
    told: new Map(),
    uploads: new Set(),
    brokenUploads: new Set(),
  }
}

/** What is kept of it. */
export function keptOf({ timeline, machine, starts, scans, runs, policies }: World): Kept {
  const savedAtMs = timeline.now()
  const all = [...scans.all()].map((scan) => ({
    ...scan,
    credentials: [...scan.credentials].map((each) => ({ ...each, fields: { ...each.fields } })),
    settings: scan.settings && { ...scan.settings },
    families: scan.families && [...scan.families],
    individual: structuredClone(scan.individual) as Record<string, Record<string, string>> | undefined,
    audits: scan.audits && [...scan.audits],
  }))
  const { nextId: nextScanId } = scans
  return {
    serverUuid: machine.serverUuid,
    starts,
    savedAtMs,
    nextScanId,
    nextHistoryId: runs.nextHistoryId,
    scans: all,
    policies: policies.all().map((policy) => ({ ...policy })),
  }
}

/** Upper case before Nessus 8, lower case after: both have been seen. */
export function newApiToken(settings: SimulatorSettings, random: Random): string {
  const token = random.uuid()
  return settings.profile < 8 ? token.toUpperCase() : token
}
