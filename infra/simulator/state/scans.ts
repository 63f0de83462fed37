/**
 * The scans the scanner holds. Each function refuses with the real scanner's
 * status; nothing is changed by what is refused.
 */
import type { SimulatorSettings } from '../options.ts'
import type { Random } from '../random.ts'
import type { Timeline } from '../timeline.ts'
import type { Tally } from './counts.ts'
import { Refused } from './refusal.ts'
import type { Actor, LoginOutcome, MaskedCredential, SimulatedScan } from './scan.ts'
import { isActive, isPersons, newestRun } from './scan.ts'

const SCANS_MAX = 100_000

export interface ScanFields {
  readonly name: string
  readonly description: string
  readonly targets: string
  readonly templateUuid: string
  readonly folderId: number | undefined
  readonly policyId: number | undefined
  /** Of a manager: the scanner that runs it; its own where nothing is said. */
  readonly scannerId?: number | undefined
  readonly outcome: LoginOutcome
  readonly credentials: readonly MaskedCredential[]
  readonly settings?: Readonly<Record<string, string>> | undefined
  readonly families?: readonly string[] | undefined
  readonly individual?: SimulatedScan['individual']
  readonly audits?: readonly string[] | undefined
}

export interface SimulatedScans {
  all(): Iterable<SimulatedScan>
  readonly count: number
  readonly nextId: number
  find(id: number): SimulatedScan | undefined
  /** Refuses with 404. */
  get(id: number): SimulatedScan
  create(fields: ScanFields, by?: Actor): SimulatedScan
  remove(id: number, by?: Actor): void
  removeRun(id: number, historyId: number): void
  move(id: number, folderId: number): void
  /** Forgets everything; ids are counted from the beginning again. */
  wipe(): void
}

/** The id of the first scan ever made on a Nessus. */
export const FIRST_SCAN_ID = 5

interface Deps {
  readonly settings: SimulatorSettings
  readonly timeline: Timeline
  readonly random: Random
  readonly tally: Tally
  readonly defaultFolder: number
  readonly before: { readonly scans: readonly SimulatedScan[]; readonly nextId: number }
}

export function makeSimulatedScans(deps: Deps): SimulatedScans {
  const { settings, timeline, random, tally, defaultFolder } = deps
  const { quirks } = settings
  const scans = new Map(deps.before.scans.map((scan) => [scan.id, scan]))
  let { nextId } = deps.before

  function get(id: number): SimulatedScan {
    timeline.now()
    const scan = scans.get(id)
    if (!scan) throw new Refused(404, 'The requested file was not found')
    return scan
  }

  return {
    all: () => scans.values(),
    get count() {
      return scans.size
    },
    get nextId() {
      return nextId
    },
    find: (id) => scans.get(id),
    get,
    create(fields, by = 'caller') {
      if (scans.size >= SCANS_MAX) throw new Refused(500, `The simulator holds at most ${SCANS_MAX} scans: delete some`)
      const nowMs = timeline.now()
      const folderId = fields.folderId ?? defaultFolder
      const made = {
        id: nextId++,
        madeBy: by,
        uuid: `template-${random.uuid()}${random.hex(12)}`,
        createdAtMs: nowMs,
        changedAtMs: nowMs,
      }
      const scan: SimulatedScan = { ...fields, ...made, folderId, runs: [] }
      scans.set(scan.id, scan)
      if (by === 'caller') tally.scan(scan, 'creates')
      return scan
    },
    remove(id, by = 'caller') {
      const scan = get(id)
      if (by === 'caller' && isPersons(scan)) tally.touchedOthers(`delete scan ${id}`)
      if (isActive(scan)) throw new Refused(quirks.deleteWhileActiveStatus, 'The scan is running: stop it first')
      scans.delete(id)
      if (by === 'caller') tally.scan(scan, 'deletes')
    },
    removeRun(id, historyId) {
      const scan = get(id)
      const run = scan.runs.find((one) => one.historyId === historyId)
      if (!run) throw new Refused(404, 'The requested file was not found')
      if (run === newestRun(scan) && isActive(scan))
        throw new Refused(quirks.deleteWhileActiveStatus, 'The scan is running')
      if (run.startedBy === 'person') tally.touchedOthers(`delete run ${historyId} of scan ${id}`)
      scan.runs = scan.runs.filter((one) => one !== run)
    },
    move(id, folderId) {
      const scan = get(id)
      if (isPersons(scan)) tally.touchedOthers(`move scan ${id}`)
      scan.folderId = folderId
    },
    wipe() {
      scans.clear()
      nextId = FIRST_SCAN_ID
    },
  }
}
