/** Choosing a run of a scan that people made, and who has it already. */
import { defined } from '../../base/defined.ts'
import { Refusal } from '../../base/errors.ts'
import type { Services } from '../../runtime/services.ts'
import { isUnreadable } from '../../scans/read-record.ts'
import type { Scan } from '../../scans/record.ts'
import { runPlace, type RunTold } from '../../scans/taken-runs.ts'
import { markerOf } from '../../scanners/marked-name.ts'
import type { ScanRun, ScanState } from '../../scanners/scan-state.ts'

const RUNS_SHOWN = 5

export interface WantedRun {
  readonly history_id?: number | undefined
  readonly history_uuid?: string | undefined
}

/** The run that is wanted, or the newest complete one; where none is complete, the newest. */
export function chosenRun(state: ScanState, wanted: WantedRun): ScanRun {
  const runs = runsOf(state)
  if (wanted.history_id === undefined && wanted.history_uuid === undefined) {
    return runs.findLast(({ phase }) => phase === 'completed') ?? runs.at(-1) ?? {}
  }
  const found = runs.find(
    ({ uuid, historyId }) =>
      (wanted.history_id === undefined || historyId === wanted.history_id) &&
      (wanted.history_uuid === undefined || uuid?.toLowerCase() === wanted.history_uuid.toLowerCase()),
  )
  if (found) return found
  const argument = wanted.history_id === undefined ? 'history_uuid' : 'history_id'
  const newest = runs.slice(-RUNS_SHOWN).toReversed()
  const shown = newest.map((run) => `${run.historyId ?? run.uuid} (${run.status ?? 'unknown'})`).join(', ')
  const message = `${argument}: the scan has no such run. Its newest: ${shown || 'none'}. See list_scanner_runs.`
  throw new Refusal('not_found', message, { arguments: [argument] })
}

/** The runs that a scanner tells of, oldest first; of one that tells no history, the newest alone. */
export function runsOf(state: ScanState): readonly ScanRun[] {
  if (state.runs.length > 0 || state.phase === 'idle') return state.runs
  const { runUuid: uuid, status, phase } = state
  return [{ status, phase, ...defined({ uuid }) }]
}

/** Who has a run. */
export interface Holder {
  /** The entry as it was read; `undefined` where there is none. */
  readonly entry: string | undefined
  /** The scan, where it is still here. */
  readonly scan: Scan | undefined
  /** The run is of a scan that we made ourselves, or another installation of ours. */
  readonly ours: boolean
}

/** Looks for who has the run: the scan that took it in, or the scan of ours that ran it. `name` is what its scan bears at the scanner. */
export async function holderOf(
  told: RunTold,
  name: string | undefined,
  services: Pick<Services, 'keyspace' | 'scanKeys' | 'scans'>,
): Promise<Holder> {
  const [entry] = await entriesOf([told], services)
  if (entry !== undefined) return { entry, scan: await readable(entry, services.scans), ours: false }
  return makerOf(told, name, services)
}

/** The entries of runs of one scan, in one request. */
export async function entriesOf(
  runs: readonly RunTold[],
  { keyspace, scanKeys }: Pick<Services, 'keyspace' | 'scanKeys'>,
): Promise<(string | undefined)[]> {
  const places = runs.map((told) => runPlace(told, scanKeys))
  const key = places.find((place) => place !== undefined)?.key
  if (key === undefined) return runs.map(() => undefined)
  const noted = await keyspace.fields(
    key,
    places.flatMap((place) => place?.field ?? []),
  )
  return places.map((place) => (place ? noted.shift() : undefined))
}

/** The scan of ours that ran what nobody has taken in. */
export async function makerOf(
  told: RunTold,
  name: string | undefined,
  { scans }: Pick<Services, 'scans'>,
): Promise<Holder> {
  const marker = name === undefined ? undefined : markerOf(name)
  const scan = marker === undefined ? undefined : await readable(marker, scans)
  // A person may launch a scan of ours again: that run is theirs.
  const isTheirs = scan !== undefined && scan.run_uuid !== undefined && scan.run_uuid !== told.runUuid
  return { entry: undefined, scan: isTheirs ? undefined : scan, ours: marker !== undefined && !isTheirs }
}

async function readable(taskId: string, scans: Services['scans']): Promise<Scan | undefined> {
  const [scan] = await scans.look([taskId])
  return scan === undefined || isUnreadable(scan) ? undefined : scan
}
