/**
 * Launching, following, stopping and deleting a scan. What the scanner answers
 * to a request that comes too late differs between versions (403 or 409), so
 * the scan's state decides what such an answer means; and whether a scan is
 * gone is decided by the list, never by one 404.
 */
import * as v from 'valibot'
import { PermanentError } from '../../base/errors.ts'
import type { Permit } from '../../base/permit.ts'
import { ScanBusyError, ScannerAwayError } from '../away-error.ts'
import type { ScannerEntry } from '../entry.ts'
import type { OwnScan } from '../own-scan.ts'
import type { ScanState } from '../scan-state.ts'
import type { Scanner } from '../scanner.ts'
import { answerError, hostsError, parseAnswer, roleError } from './answers.ts'
import type { Answered, Calls } from './call.ts'
import { ScanDetailsAnswer, stateOf } from './scan-answers.ts'
import type { FindLinked } from './linked-scanner.ts'
import type { List } from './scan-list.ts'

const LaunchAnswer = v.object({ scan_uuid: v.nullish(v.string()) })
/** Enough for a fair progress; the answer of a large scan would be megabytes. */
const DETAILS_HOSTS_MAX = 2500

export type Lifecycle = Pick<Scanner, 'state' | 'launch' | 'stop' | 'pause' | 'resume' | 'remove'>

interface LifecycleDeps {
  readonly calls: Calls
  readonly list: List
  readonly entry: ScannerEntry
  readonly findLinked: FindLinked
}

export function makeLifecycle({ calls, list, entry, findLinked }: LifecycleDeps): Lifecycle {
  const { reasons } = calls

  const state = makeStateReader({ calls, list, entry })

  const write = (id: number, verb: Verb, permit?: Permit): Promise<Answered> => {
    const [method, end] = verb === 'delete' ? (['DELETE', ''] as const) : (['POST', `/${verb}`] as const)
    return calls.send({
      method,
      path: `/scans/${checkId(id)}${end}`,
      route: `/scans/{id}${end}`,
      asked: verb,
      what: `${verb} scan ${id}`,
      scanWrite: true,
      permit,
      ...(verb === 'launch' && { json: {} }),
    })
  }

  /** Asks for `verb`; an answer that it comes too late is well if `isWell` of the state, undefined for gone. */
  const ask = async (
    scan: OwnScan,
    verb: Exclude<Verb, 'launch'>,
    isWell: (state: ScanState | undefined) => boolean,
  ): Promise<void> => {
    const id = scan.spend(SPENT_ON[verb])
    const answer = await write(id, verb)
    // A stop is looked at by whoever asked for it, and a deletion below; the others are taken at their word only if there is one.
    const isWord = answer.text.trim() !== '' || (verb !== 'pause' && verb !== 'resume')
    if (answer.meaning === 'done' && isWord) return
    const now = await state(id)
    if (!isWell(now)) throw refused(entry, { what: `${verb} scan ${id}`, answer, now })
  }

  return {
    state,

    async launch(scan, permit) {
      if (entry.linkedScanner !== undefined) await findLinked()
      const id = scan.spend('launch')
      const what = `launch scan ${id}`
      const answer = await write(id, 'launch', permit)
      const uuid = answer.meaning === 'done' ? parseAnswer(LaunchAnswer, answer, { entry, what }).scan_uuid : undefined
      if (uuid) return uuid
      // Launched by an earlier attempt, or by this one without an answer that says so.
      const now = await state(id)
      if (now && now.phase !== 'idle' && now.runUuid !== undefined) return now.runUuid
      if (answer.status === 403 && reasons.hosts(answer)) throw hostsError(answer, { entry, what })
      if (answer.status === 403 && (await reasons.role(answer))) throw roleError(answer, { entry, what })
      throw refused(entry, { what, answer, now })
    },

    stop: (scan, { kill = false } = {}) =>
      ask(scan, kill ? 'kill' : 'stop', (now) => !isUnderWay(now) || (!kill && now?.status === 'stopping')),
    pause: (scan) => ask(scan, 'pause', (now) => now?.phase === 'paused' || now?.status === 'pausing'),
    resume: (scan) => ask(scan, 'resume', (now) => now?.phase === 'active'),
    async remove(scan) {
      await ask(scan, 'delete', (now) => now === undefined)
      // Success has no body, so anything may look like it.
      if (!(await list.has(scan.id))) return
      const message = `scanner ${entry.key}: scan ${scan.id} was deleted, by its answer, and is in its list still`
      throw new ScanBusyError(message, { scanner: entry.key })
    },
  }
}

/** Reads the newest run of a scan, or the run that `historyId` names; `undefined` when the scan, or that run, is gone. */
function makeStateReader({ calls, list, entry }: Omit<LifecycleDeps, 'findLinked'>): Scanner['state'] {
  const state = async (id: number, historyId?: number): Promise<ScanState | undefined> => {
    const what = `read scan ${id}`
    const run = historyId === undefined ? '' : `&history_id=${checkId(historyId)}`
    const path = `/scans/${checkId(id)}?limit=${DETAILS_HOSTS_MAX}${run}`
    const answer = await calls.send({ method: 'GET', path, route: '/scans/{id}', asked: 'look', what })
    if (answer.meaning === 'done') return stateOf(parseAnswer(ScanDetailsAnswer, answer, { entry, what }), historyId)
    const way = () => answerError('way', answer, { entry, what })
    if (answer.meaning === 'late') throw way()
    if (historyId === undefined) {
      if (await list.has(id)) throw way()
      return undefined
    }
    // One run of it: what the scan itself lists decides.
    if ((await state(id))?.runs.some((run) => run.historyId === historyId)) throw way()
    return undefined
  }
  return state
}

const SPENT_ON = { stop: 'stop', kill: 'stop', pause: 'pause', resume: 'resume', delete: 'remove' } as const
type Verb = 'launch' | 'stop' | 'kill' | 'pause' | 'resume' | 'delete'

function isUnderWay(state: ScanState | undefined): boolean {
  return state?.phase === 'active' || state?.phase === 'paused'
}

/** An id that came out of a record: never let another text become a path. */
function checkId(id: number): number {
  if (Number.isSafeInteger(id) && id > 0) return id
  throw new PermanentError(`scan id: expected a whole number above 0, got ${String(id).slice(0, 40)}`)
}

interface Late {
  readonly what: string
  readonly answer: Answered
  readonly now: ScanState | undefined
}

/** The scan is seen not to be as was asked. Only that it is gone, or that our role does not suffice, lasts. */
function refused({ key }: ScannerEntry, { what, answer: { status }, now }: Late): Error {
  const start = `scanner ${key}: cannot ${what} (${status}), which is ${now?.status ?? 'gone'}`
  if (!now) return new PermanentError(start)
  if (status === 409) return new ScanBusyError(start, { scanner: key })
  const message = status === 403 ? `${start}; check that the scan is enabled and that our user may control it` : start
  return new ScannerAwayError(message, { scanner: key })
}
