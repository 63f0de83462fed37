/**
 * Launching, following, stopping and deleting a scan. What the scanner answers
 * to a request that comes too late differs between versions (403 or 409), so
 * the scan's state decides what such an answer means.
 */
import * as v from 'valibot'
import { PermanentError } from '../../base/errors.ts'
import type { Permit } from '../../base/permit.ts'
import type { Scanner, ScanState } from '../scanner.ts'
import type { Calls } from './call.ts'
import type { ScannerAnswer } from './exchange.ts'
import { parseAnswer } from './answers.ts'
import type { ScannerEntry } from '../entry.ts'
import { ScanDetails, stateOf } from './scan-answers.ts'

const LaunchAnswer = v.object({ scan_uuid: v.nullish(v.string()) })
const LATE = [403, 404, 409]
/** Enough for a fair progress; the answer of a large scan would be megabytes. */
const DETAILS_HOSTS_MAX = 2500

export type Lifecycle = Pick<Scanner, 'state' | 'launch' | 'stop' | 'pause' | 'resume' | 'remove'>

export function makeLifecycle({ calls, entry }: { calls: Calls; entry: ScannerEntry }): Lifecycle {
  const state = async (id: number): Promise<ScanState | undefined> => {
    const what = `read scan ${id}`
    const path = `/scans/${checkId(id)}?limit=${DETAILS_HOSTS_MAX}`
    const answer = await calls.send({ method: 'GET', path, route: '/scans/{id}', what, accept: [404] })
    return answer.status === 404 ? undefined : stateOf(parseAnswer(ScanDetails, answer, { entry, what }))
  }

  const write = (id: number, verb: Verb, permit?: Permit): Promise<ScannerAnswer> => {
    const [method, end] = verb === 'delete' ? (['DELETE', ''] as const) : (['POST', `/${verb}`] as const)
    return calls.send({
      method,
      path: `/scans/${checkId(id)}${end}`,
      route: `/scans/{id}${end}`,
      what: `${verb} scan ${id}`,
      scanWrite: true,
      accept: LATE,
      permit,
      ...(verb === 'launch' && { json: {} }),
    })
  }

  /** Asks for `verb`; an answer that it comes too late is well if `isWell` of the state, undefined for gone. */
  const ask = async (id: number, verb: Verb, isWell: (state: ScanState | undefined) => boolean): Promise<void> => {
    const { status } = await write(id, verb)
    if (status === 200) return
    const now = status === 404 ? undefined : await state(id)
    if (!isWell(now)) throw refused(entry, { what: `${verb} scan ${id}`, status, now })
  }

  return {
    state,

    async launch(id, permit) {
      const what = `launch scan ${id}`
      const answer = await write(id, 'launch', permit)
      const { status } = answer
      const uuid = status === 200 ? parseAnswer(LaunchAnswer, answer, { entry, what }).scan_uuid : undefined
      if (uuid) return uuid
      // Launched by an earlier attempt, or by this one without an answer that says so.
      const now = status === 404 ? undefined : await state(id)
      if (now && now.phase !== 'idle' && now.runUuid !== undefined) return now.runUuid
      throw refused(entry, { what, status, now })
    },

    stop: (id) => ask(id, 'stop', (now) => !isUnderWay(now) || now?.status === 'stopping'),
    pause: (id) => ask(id, 'pause', (now) => now?.phase === 'paused' || now?.status === 'pausing'),
    resume: (id) => ask(id, 'resume', (now) => now?.phase === 'active'),
    remove: (id) => ask(id, 'delete', (now) => now === undefined),
  }
}

type Verb = 'launch' | 'stop' | 'pause' | 'resume' | 'delete'

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
  readonly status: number
  readonly now: ScanState | undefined
}

function refused({ key }: ScannerEntry, { what, status, now }: Late): Error {
  const message = `scanner ${key}: cannot ${what} (${status}), ${now ? `which is ${now.status}` : 'which is gone'}`
  if (!now) return new PermanentError(message)
  if (status !== 403) return new Error(message)
  return new PermanentError(`${message}; check that the scan is enabled and that our user may control it`)
}
