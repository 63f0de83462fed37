/**
 * How the scanner describes scans, and what of it we believe.
 *
 * Any list may be null or absent, above all before the first run. Fields we do
 * not act on are not looked at, so that no version's oddity stops a scan.
 */
import * as v from 'valibot'
import { defined } from '../../base/defined.ts'
import type { ScannerListing, ScannerScan } from '../scanner.ts'
import type { ScanNotes, ScanPhase, ScanRun, ScanState } from '../scan-state.ts'

/** Other spellings of the words in lib/facts/scanner-statuses.ts. */
const SPELLINGS: Readonly<Record<string, string>> = {
  cancelled: 'canceled',
  complete: 'completed',
  finished: 'completed',
}
/** A status in one spelling, in whatever letters a version writes it. */
const statusWord = v.pipe(
  v.string(),
  v.trim(),
  v.toLowerCase(),
  v.transform((word) => (Object.hasOwn(SPELLINGS, word) ? (SPELLINGS[word] ?? word) : word)),
)

const maybe = <S extends v.GenericSchema>(schema: S) => v.fallback(v.nullish(schema), undefined)
/** What is kept of the notes of a scan; all are counted. */
const NOTES_MAX = 5
const NOTE_CHARS_MAX = 300

const list = <S extends v.GenericSchema>(schema: S) => v.nullish(v.array(schema), [])

export const ScanListAnswer = v.object({
  folders: list(v.object({ id: v.number(), name: maybe(v.string()), type: maybe(v.string()) })),
  // Null when there is none; missing from what is not the whole list.
  scans: v.nullable(
    v.array(
      v.object({
        id: v.number(),
        name: v.nullish(v.string(), ''),
        status: v.nullish(statusWord, 'empty'),
        uuid: maybe(v.string()),
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
      status: maybe(statusWord),
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
      status: maybe(statusWord),
      creation_date: maybe(v.number()),
      last_modification_date: maybe(v.number()),
    }),
  ),
  notes: maybe(v.array(maybe(v.object({ title: maybe(v.string()), message: maybe(v.string()) })))),
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

type ListAnswer = v.InferOutput<typeof ScanListAnswer>
type Listed = NonNullable<ListAnswer['scans']>[number]
type Folder = NonNullable<ListAnswer['folders']>[number]

/** The list with what its folders say of each scan. */
export function listOf(scans: readonly Listed[], folders: readonly Folder[]): ScannerListing {
  const byId = new Map(folders.map((folder) => [folder.id, folder]))
  return {
    scans: scans.map((item) => scanOf(item, byId.get(item.folder_id ?? -1))),
    folders: folders.map(({ id, name }) => ({ id, name: name ?? '' })),
  }
}

export function scanOf(item: Listed, folder?: Folder): ScannerScan {
  return {
    id: item.id,
    name: item.name,
    status: item.status,
    phase: phaseOf(item.status),
    ...(typeof item.owner === 'string' && { owner: item.owner }),
    ...(typeof item.folder_id === 'number' && { folderId: item.folder_id }),
    ...(typeof folder?.name === 'string' && { folder: folder.name }),
    ...(folder?.type === 'trash' && { trashed: true as const }),
    ...(typeof item.uuid === 'string' && !item.uuid.startsWith(STAND_IN) && { runUuid: item.uuid }),
    ...(typeof item.creation_date === 'number' && { createdAt: item.creation_date }),
    ...(typeof item.last_modification_date === 'number' && { lastModifiedAt: item.last_modification_date }),
  }
}

type Details = v.InferOutput<typeof ScanDetailsAnswer>

/** Reads a scan's state out of its details: of its newest run, or of the one that was asked for, which `info` is about. */
export function stateOf({ info, hosts, history, notes }: Details, historyId?: number): ScanState {
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
    ...defined({ notes: notesOf(notes) }),
    // The history may be a moment behind what is said of the newest run.
    runs: runs.map((run, at) => runOf(run, at === runs.length - 1 ? newest : undefined)),
  }
}

/** What the scanner itself has to say of the scan, such as that its licence left hosts out. */
function notesOf(notes: Details['notes']): ScanNotes | undefined {
  const all = (notes ?? []).flatMap((note) => {
    const said = [note?.title, note?.message].flatMap((text) => text?.replaceAll(/[\p{Cc}\s]+/gu, ' ').trim() || [])
    return said.length > 0 ? [said.join(': ').slice(0, NOTE_CHARS_MAX)] : []
  })
  return all.length > 0 ? { count: all.length, said: all.slice(0, NOTES_MAX) } : undefined
}

function runOf(run: Details['history'][number], newest: string | null | undefined): ScanRun {
  const { uuid, history_id: historyId, creation_date: startedAt, last_modification_date: changedAt } = run
  const status = newest ?? run.status
  return {
    ...(typeof uuid === 'string' && { uuid }),
    ...(typeof historyId === 'number' && { historyId }),
    ...(typeof status === 'string' && { status, phase: phaseOf(status) }),
    ...(typeof startedAt === 'number' && { startedAt }),
    ...(typeof changedAt === 'number' && { changedAt }),
  }
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
