/**
 * How the scanner describes scans, and what of it we believe.
 *
 * Any list may be null or absent, above all before the first run. Fields we do
 * not act on are not looked at, so that no version's oddity stops a scan.
 */
import * as v from 'valibot'
import type { ScannerScan } from '../scanner.ts'
import type { ScanPhase, ScanRun, ScanState } from '../scan-state.ts'

const maybe = <S extends v.GenericSchema>(schema: S) => v.fallback(v.nullish(schema), undefined)
const list = <S extends v.GenericSchema>(schema: S) => v.nullish(v.array(schema), [])

export const ScanListAnswer = v.object({
  folders: list(v.object({ id: v.number(), type: maybe(v.string()) })),
  // Null when there is none; missing from what is not the whole list.
  scans: v.nullable(
    v.array(
      v.object({
        id: v.number(),
        name: v.nullish(v.string(), ''),
        status: v.nullish(v.string(), 'empty'),
        owner: maybe(v.string()),
        folder_id: maybe(v.number()),
        creation_date: maybe(v.number()),
        last_modification_date: maybe(v.number()),
      }),
    ),
  ),
})

const Details = v.object({
  info: v.nullish(
    v.object({
      status: maybe(v.string()),
      name: maybe(v.string()),
      uuid: maybe(v.string()),
      hostcount: maybe(v.number()),
    }),
  ),
  hosts: list(v.object({ scanprogresscurrent: maybe(v.number()), scanprogresstotal: maybe(v.number()) })),
  history: list(
    v.object({
      history_id: maybe(v.number()),
      uuid: maybe(v.string()),
      status: maybe(v.string()),
      creation_date: maybe(v.number()),
    }),
  ),
})
/** JSON that tells no status is not a scan: taken for one that never ran, it would be launched, or removed. */
export const ScanDetailsAnswer = v.pipe(
  Details,
  v.check(
    ({ info, history }) => typeof info?.status === 'string' || history.some(({ status }) => typeof status === 'string'),
  ),
)

/** How the uuid begins that a scan bears until it is launched. */
export const STAND_IN = 'template-'

const PHASES: Readonly<Record<string, ScanPhase>> = {
  empty: 'idle',
  paused: 'paused',
  completed: 'completed',
  imported: 'completed',
  canceled: 'canceled',
  stopped: 'canceled',
  aborted: 'aborted',
}

/** The phase of a status; what is not known to be final is active, and ends by our own time limit. */
export function phaseOf(status: string): ScanPhase {
  return Object.hasOwn(PHASES, status) ? (PHASES[status] ?? 'active') : 'active'
}

export function scanOf(item: NonNullable<v.InferOutput<typeof ScanListAnswer>['scans']>[number]): ScannerScan {
  return {
    id: item.id,
    name: item.name,
    status: item.status,
    phase: phaseOf(item.status),
    ...(typeof item.owner === 'string' && { owner: item.owner }),
    ...(typeof item.folder_id === 'number' && { folderId: item.folder_id }),
    ...(typeof item.creation_date === 'number' && { createdAt: item.creation_date }),
    ...(typeof item.last_modification_date === 'number' && { lastModifiedAt: item.last_modification_date }),
  }
}

type Details = v.InferOutput<typeof ScanDetailsAnswer>

/** Reads a scan's state out of its details: of its newest run, or of the one that was asked for, which `info` is about. */
export function stateOf({ info, hosts, history }: Details, historyId?: number): ScanState {
  const runs = history.toSorted((a, b) => age(a) - age(b))
  const told = historyId === undefined ? runs.at(-1) : runs.find((run) => run.history_id === historyId)
  const newest = historyId === undefined ? info?.status : undefined
  const status = newest ?? told?.status ?? info?.status ?? 'empty'
  const progress = progressOf(hosts)
  const isStandIn = info?.uuid?.startsWith(STAND_IN) === true
  const runUuid = told?.uuid ?? (isStandIn ? undefined : info?.uuid)
  return {
    phase: phaseOf(status),
    status,
    ...(progress !== undefined && { progress }),
    hosts: Math.max(hosts.length, info?.hostcount ?? 0),
    ...(typeof runUuid === 'string' && { runUuid }),
    ...(typeof info?.name === 'string' && { name: info.name }),
    ...(isStandIn && typeof info?.uuid === 'string' && { standIn: info.uuid }),
    runs: runs.map(runOf),
  }
}

function runOf({ uuid, history_id: historyId }: Details['history'][number]): ScanRun {
  return { ...(typeof uuid === 'string' && { uuid }), ...(typeof historyId === 'number' && { historyId }) }
}

function age(run: { history_id?: number | null | undefined; creation_date?: number | null | undefined }): number {
  return run.history_id ?? run.creation_date ?? 0
}

/** Checks done of checks known. Hosts join as they are found, so it may go back; it knows nothing before the first. */
function progressOf(hosts: Details['hosts']): number | undefined {
  const sum = (key: 'scanprogresscurrent' | 'scanprogresstotal'): number =>
    hosts.reduce((total, host) => total + Math.max(0, host[key] ?? 0), 0)
  const total = sum('scanprogresstotal')
  if (total === 0) return undefined
  return Math.min(100, Math.floor((100 * sum('scanprogresscurrent')) / total))
}
