/** What a test may do to the simulator behind its API: break it, upgrade it, and count what was asked of it. */
import { check } from '../../lib/base/check.ts'
import { PermanentError } from '../../lib/base/errors.ts'
import * as v from 'valibot'
import type { Faults, FaultSpec } from './faults.ts'
import type { Counts } from './state/counts.ts'
import { isActive, newestRun, statusOf } from './state/scan.ts'
import { makePeople, type People } from './people.ts'
import type { World } from './state/world.ts'
import { newApiToken } from './state/world.ts'

const TOLD_MAX = 10_000

const Restart = v.strictObject({
  /** Real seconds during which everything is answered with 503. */
  loadingSeconds: v.optional(v.pipe(v.number(), v.minValue(0), v.maxValue(3600)), 0),
  /** What becomes of scans under way. */
  runningScans: v.optional(v.picklist(['abort', 'keep']), 'abort'),
})
const Licence = v.strictObject({
  scanApi: v.optional(v.boolean()),
  licensedHosts: v.optional(v.pipe(v.number(), v.integer(), v.minValue(1))),
})

export interface Control {
  readonly faults: {
    /** Returns the fault's id. Throws PermanentError on a malformed one. */
    add(spec: FaultSpec): number
    remove(id: number): boolean
    clear(): void
    list(): ReturnType<Faults['list']>
  }
  /** Ends every session and connection; scans under way are aborted unless told otherwise. The asker's connection stays. */
  restart(options?: v.InferInput<typeof Restart>, asker?: { readonly remotePort: number | undefined }): void
  expireSessions(): void
  /** Lets a locked account log in again. */
  unlock(): void
  /** Another version and another web interface token. */
  upgrade(): void
  setLicence(licence: v.InferInput<typeof Licence>): void
  pluginsCompiling(compiling: boolean): void
  /** Of a manager: a linked scanner goes away, or comes back. Answers false when there is none of that name. */
  linkedScanner(name: string, isOn: boolean): boolean
  /** Deletes a scan as a person would, even while it runs. Answers false when there is none. */
  deleteScan(id: number): boolean
  /** What else people do at a scanner: make, copy, launch and rename scans. */
  readonly people: People
  /** Another Nessus in the place of this one: no scans, ids and history ids from the beginning, another `server_uuid`. */
  reinstall(): void
  /** Stops a scan as a person would. Answers false when it is not active. */
  stopScan(id: number): boolean
  /** Ends a run as the scanner's own failure. Answers false when it is not active. */
  abortScan(id: number): boolean
  /** Makes scans with this id, or with this text in their name, serve the named report. Throws PermanentError on an unknown report. */
  reportFor(scan: number | string, report: string): void
  reports(): readonly string[]
  /** The next `times` exports fail: 500, then 404. */
  failExports(times: number): void
  counts(): Counts
}

interface Deps {
  readonly world: World
  readonly faults: Faults
  /** Drops the open connections but the one from that port. */
  readonly dropConnections: (exceptPort: number | undefined) => void
}

export function makeControl(deps: Deps): Control {
  const { world, faults } = deps
  const { sessions, scans, lifecycle, exports, timeline, machine, licence, settings, library, told } = world

  function endRun(id: number): boolean {
    timeline.now()
    const scan = scans.find(id)
    const run = scan && newestRun(scan)
    return run !== undefined && lifecycle.end(run, 'aborted')
  }

  return {
    faults,
    people: makePeople(world),
    reinstall() {
      reinstall(world)
      deps.dropConnections(undefined)
    },
    restart(options = {}, asker) {
      restart(world, check(Restart, options, 'restart'))
      deps.dropConnections(asker?.remotePort)
    },
    expireSessions: () => sessions.dropAll(),
    unlock: () => sessions.unlock(),
    upgrade() {
      machine.upgrades += 1
      machine.apiToken = newApiToken(settings, world.random)
    },
    setLicence(given) {
      const { scanApi, licensedHosts } = check(Licence, given, 'licence')
      licence.scanApi = scanApi ?? licence.scanApi
      licence.licensedHosts = licensedHosts ?? licence.licensedHosts
    },
    pluginsCompiling(compiling) {
      machine.pluginsCompiling = compiling
    },
    linkedScanner(name, isOn) {
      const found = machine.scanners.find((one) => one.name === name)
      if (found) found.isOn = isOn
      return found !== undefined
    },
    deleteScan(id) {
      if (!scans.find(id)) return false
      endRun(id)
      scans.remove(id, 'person')
      return true
    },
    stopScan(id) {
      timeline.now()
      const scan = scans.find(id)
      const run = scan && newestRun(scan)
      return run !== undefined && lifecycle.stop(run)
    },
    abortScan: endRun,
    reportFor(scan, report) {
      if (!library.find(report)) {
        const known = library
          .all()
          .map(({ name }) => name)
          .join(', ')
        throw new PermanentError(`report: expected one of ${known}; got ${JSON.stringify(report)}`)
      }
      if (told.size >= TOLD_MAX) throw new PermanentError(`report: at most ${TOLD_MAX} scans can be told their report`)
      told.set(typeof scan === 'string' ? scan.toLowerCase() : scan, report)
    },
    reports: () => library.all().map(({ name }) => name),
    failExports: (times) => exports.failNext(times),
    counts: () => countsOf(world),
  }
}

function countsOf({ timeline, scans, tally, lifecycle }: World): ReturnType<Control['counts']> {
  timeline.now()
  const status = (id: number): ReturnType<typeof statusOf> | undefined => {
    const scan = scans.find(id)
    return scan && statusOf(scan)
  }
  const running = [...scans.all()].filter((scan) => isActive(scan) && newestRun(scan)?.startedBy === 'caller')
  return tally.read({
    status,
    runningNow: lifecycle.running(),
    runningMax: lifecycle.runningMax(),
    ownRunning: running.length,
  })
}

function reinstall(world: World): void {
  restart(world, { loadingSeconds: 0, runningScans: 'abort' })
  world.scans.wipe()
  world.runs.wipe()
  world.told.clear()
  world.uploads.clear()
  world.policies.wipe()
  world.machine.serverUuid = world.random.uuid()
  world.machine.apiToken = newApiToken(world.settings, world.random)
}

function restart(world: World, options: v.InferOutput<typeof Restart>): void {
  const { timeline, scans, lifecycle, machine, settings } = world
  const nowMs = timeline.now()
  world.sessions.dropAll()
  world.exports.clear()
  if (options.runningScans === 'abort') {
    for (const scan of scans.all()) {
      const run = newestRun(scan)
      if (run) lifecycle.end(run, 'aborted')
    }
  }
  machine.bootedAtMs = nowMs
  machine.loadingUntilMs = nowMs + options.loadingSeconds * 1000 * settings.speed
}
