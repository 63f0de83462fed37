/**
 * The scanner matrix: each call to a scanner × each wrong answer × how long it goes
 * on, and the right end of every cell, said before it is run.
 *
 * The rule: whatever comes, for however long within the time a scan may take, each
 * scan ends as if it had not come: launched once, its report read, deleted at its
 * scanner. Its status says meanwhile what it waits for. What differs is in ENDS.
 */
import { WRONG_ANSWER_NAMES } from '../../infra/simulator/wrong-answers.ts'
import type { FaultSpec } from '../../infra/simulator/faults.ts'

/** Each call, as the simulator hears it. */
export const CALLS = {
  login: { method: 'POST', path: '^/session$' },
  properties: { method: 'GET', path: '^/server/properties$' },
  list: { method: 'GET', path: '^/scans$' },
  templates: { method: 'GET', path: '^/editor/scan/templates' },
  create: { method: 'POST', path: '^/scans$' },
  launch: { method: 'POST', path: '/launch$' },
  look: { method: 'GET', path: '^/scans/\\d+$' },
  pause: { method: 'POST', path: '/pause$' },
  resume: { method: 'POST', path: '/resume$' },
  stop: { method: 'POST', path: '/stop$' },
  export: { method: 'POST', path: '/export$' },
  'follow the export': { method: 'GET', path: '/status$' },
  download: { method: 'GET', path: '/download$' },
  delete: { method: 'DELETE', path: '^/scans/\\d+$' },
} as const
export type CallName = keyof typeof CALLS
export const CALL_NAMES = Object.keys(CALLS) as CallName[]

/** What happens on the wire beside whole answers. */
const BREAKS = ['truncate', 'reset', 'reset-after-commit'] as const
export const ANSWERS = [...WRONG_ANSWER_NAMES, ...BREAKS] as const
export type Answer = (typeof ANSWERS)[number]

export const LENGTHS = { once: { times: 1 }, '10 s': { forSeconds: 10 }, '6 min': { forSeconds: 360 } } as const
export type Length = keyof typeof LENGTHS
export const LENGTH_NAMES = Object.keys(LENGTHS) as Length[]

export interface Cell {
  readonly call: CallName
  readonly answer: Answer
  readonly length: Length
}

export interface RightEnd {
  readonly status: 'completed' | 'canceled'
  readonly launches: 1
  /** Whether the status has to have said what was waited for. */
  readonly told: boolean
}

export function cells(): Cell[] {
  return CALL_NAMES.flatMap((call) =>
    ANSWERS.flatMap((answer) => LENGTH_NAMES.map((length) => ({ call, answer, length }))),
  )
}

/** Calls whose trouble goes to who asked (pause, resume), or comes after the end (delete). */
const NOT_IN_THE_STATUS: readonly CallName[] = ['pause', 'resume', 'delete']

const ENDS: readonly { readonly where: (cell: Cell) => boolean; readonly end: Partial<RightEnd> }[] = [
  { where: ({ call }) => call === 'stop', end: { status: 'canceled' } },
  // A single failure may be over before anyone looks.
  { where: ({ length }) => length === 'once', end: { told: false } },
  { where: ({ call }) => NOT_IN_THE_STATUS.includes(call), end: { told: false } },
  // An empty success is what a stop that was heard looks like: it is asked again until it is seen to have stopped.
  { where: ({ call, answer }) => call === 'stop' && answer === 'nothing', end: { told: false } },
  // Looked at in vain, what the scanner says of itself is unknown, and nothing waits for it.
  { where: ({ call }) => call === 'properties', end: { told: false } },
]

/** How every scan of this cell has to end. */
export function rightEnd(cell: Cell): RightEnd {
  const usual: RightEnd = { status: 'completed', launches: 1, told: true }
  return ENDS.filter(({ where }) => where(cell)).reduce((end, row) => ({ ...end, ...row.end }), usual)
}

export function faultOf({ call, answer, length }: Cell): FaultSpec {
  const { method, path } = CALLS[call]
  const how = BREAKS.find((name) => name === answer)
  const match = { match: { method, path }, ...LENGTHS[length] }
  if (how !== undefined) return { ...match, action: how }
  return { ...match, action: 'answer', answer: WRONG_ANSWER_NAMES.find((name) => name === answer) }
}

export function nameOf({ call, answer, length }: Cell): string {
  return `${call} × ${answer} × ${length}`
}
